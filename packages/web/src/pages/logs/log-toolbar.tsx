import {
  Button,
  Checkbox,
  Group,
  Menu,
  MultiSelect,
  Popover,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Text,
} from "@mantine/core";
import { IconAdjustments, IconClock, IconDownload, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { notifyFailed } from "../../ui/notify.tsx";
import { downloadWholeLog, saveFile } from "./download-log.ts";
import type { TimeStyle } from "./line-time.ts";
import { type LogSettings, TAILS } from "./log-settings.ts";
import type { LogSource } from "./log-view.tsx";
import { TimeRange } from "./time-range.tsx";
import type { LogFilter } from "./use-log-filter.ts";
import { formatNumber } from "../../ui/format.ts";

export interface LogToolbarProps {
  readonly filter: LogFilter;
  readonly settings: LogSettings;
  readonly onSettings: (change: Partial<LogSettings>) => void;
  /** JSON keys that can be columns, and those that are. */
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  readonly onColumns: (columns: readonly string[]) => void;
  readonly isPaused: boolean;
  readonly onPause: (paused: boolean) => void;
  readonly sources: readonly LogSource[];
  readonly exportLines: () => Promise<Blob>;
}

/** Which part of the logs is read, how lines look, and what leaves as a file. */
export function LogToolbar(props: LogToolbarProps): ReactNode {
  const { isPaused, onPause } = props;
  const [since] = useSearchText("since");
  const [until] = useSearchText("until");
  const range = [since && `since ${since}`, until && `until ${until}`].filter(Boolean).join(" ");
  return (
    <Group gap="xs">
      <Popover width={290} position="bottom-end" trapFocus>
        <Popover.Target>
          <Button size="xs" variant="default" leftSection={<IconClock size={14} aria-hidden />}>
            {range === "" ? "Time" : range}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <TimeRange />
        </Popover.Dropdown>
      </Popover>
      <Popover width={290} position="bottom-end" trapFocus>
        <Popover.Target>
          <Button size="xs" variant="default" leftSection={<IconAdjustments size={14} aria-hidden />}>
            View
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <ViewSettings {...props} />
        </Popover.Dropdown>
      </Popover>
      <DownloadMenu {...props} />
      <Button
        size="xs"
        variant="default"
        leftSection={isPaused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />}
        onClick={() => onPause(!isPaused)}
      >
        {isPaused ? "Continue" : "Pause"}
      </Button>
    </Group>
  );
}

const TIME_STYLES: readonly { value: TimeStyle; label: string }[] = [
  { value: "local", label: "Local" },
  { value: "utc", label: "UTC" },
  { value: "relative", label: "Ago" },
  { value: "off", label: "Off" },
];

function ViewSettings({ filter, settings, onSettings, keys, columns, onColumns }: LogToolbarProps): ReactNode {
  const { stdout, stderr } = filter.filter;
  return (
    <Stack gap="sm">
      <Group gap="md">
        <Checkbox
          size="xs"
          label="stdout"
          checked={stdout}
          onChange={(event) => filter.setStream("stdout", event.currentTarget.checked)}
        />
        <Checkbox
          size="xs"
          label="stderr"
          checked={stderr}
          onChange={(event) => filter.setStream("stderr", event.currentTarget.checked)}
        />
      </Group>
      <Switch
        size="xs"
        label="Wrap long lines"
        checked={settings.wrap}
        onChange={(event) => onSettings({ wrap: event.currentTarget.checked })}
      />
      <Stack gap={4}>
        <Text fz="xs" id="log-times">
          Times
        </Text>
        <SegmentedControl
          size="xs"
          aria-labelledby="log-times"
          data={[...TIME_STYLES]}
          value={settings.times}
          onChange={(times) => onSettings({ times })}
        />
      </Stack>
      <Switch
        size="xs"
        label="JSON lines as columns"
        checked={settings.columns}
        onChange={(event) => onSettings({ columns: event.currentTarget.checked })}
      />
      {settings.columns && (
        <MultiSelect
          size="xs"
          label="Columns"
          searchable
          placeholder={keys.length === 0 ? "No JSON line yet" : undefined}
          data={[...new Set([...keys, ...columns])]}
          value={[...columns]}
          onChange={onColumns}
          comboboxProps={{ withinPortal: false }}
        />
      )}
      <Select
        size="xs"
        label="Lines of each container to begin with"
        description="Scrolling up reads older ones."
        allowDeselect={false}
        data={TAILS.map((tail) => ({ value: String(tail), label: formatNumber(tail) }))}
        value={String(settings.tail)}
        onChange={(tail) => onSettings({ tail: Number(tail) })}
        comboboxProps={{ withinPortal: false }}
      />
    </Stack>
  );
}

function DownloadMenu({ sources, exportLines }: LogToolbarProps): ReactNode {
  const [only] = sources;
  const name = sources.length === 1 && only ? `${only.name}@${only.environmentName}` : "logs";
  const run = (what: string, task: Promise<unknown>): void => {
    void task.catch((error: unknown) => notifyFailed(what, error));
  };
  return (
    <Menu position="bottom-end" width={300}>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />}>
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: "auto" }}>
        <Menu.Item
          onClick={() =>
            run(
              "Saving the lines",
              exportLines().then((blob) => saveFile(blob, `${name}.log`)),
            )
          }
        >
          The lines read here, as filtered
        </Menu.Item>
        <Menu.Label>The whole log of</Menu.Label>
        {sources.map((source) => (
          <Menu.Item
            key={`${source.environmentId}/${source.containerId}`}
            onClick={() => run(`Downloading the log of ${source.name}`, downloadWholeLog(source))}
          >
            {source.name} on {source.environmentName}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
