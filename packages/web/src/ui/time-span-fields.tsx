import { Button, Popover, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

interface TimeSpanPopoverProps {
  /** The time that is shown. */
  readonly text: string;
  /** That is a time which was chosen here. */
  readonly chosen: boolean;
  readonly size?: "xs" | "sm";
  /** @param close to be called when a time was chosen */
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens the choice of a time; what is in it begins anew each time. */
export function TimeSpanPopover({ text, chosen, size = "sm", children }: TimeSpanPopoverProps): ReactNode {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-end">
      <Popover.Target>
        <Button
          size={size}
          variant={chosen ? "light" : "default"}
          leftSection={<IconCalendar size={16} aria-hidden />}
          onClick={() => setOpened(!opened)}
        >
          {text}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>{opened && children(() => setOpened(false))}</Popover.Dropdown>
    </Popover>
  );
}

interface TimeSpanFieldsProps {
  /** Local times, as the browser's own fields have them (`localTime`). */
  readonly from: string;
  readonly to: string;
  readonly onFrom: (from: string) => void;
  readonly onTo: (to: string) => void;
  /** The end is not after the beginning. */
  readonly wrong: boolean;
}

export function TimeSpanFields({ from, to, onFrom, onTo, wrong }: TimeSpanFieldsProps): ReactNode {
  return (
    <>
      <TextInput
        type="datetime-local"
        label="From"
        value={from}
        onChange={(event) => onFrom(event.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        label="To"
        value={to}
        onChange={(event) => onTo(event.currentTarget.value)}
        error={wrong ? "It must be after the first." : undefined}
      />
    </>
  );
}
