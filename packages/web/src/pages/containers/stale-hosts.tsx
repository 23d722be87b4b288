import { Anchor, Popover, Stack, Text } from "@mantine/core";
import { IconCloudOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { ListAge } from "../../hub/containers.ts";
import { Age } from "../../ui/age.tsx";
import { count, withLocalTimes } from "../../ui/format.ts";

/** More are counted: it is one line. All of them are behind "Why", and their rows say it, too. */
const MAX_NAMED = 3;

/** Which hosts' lists are not live, since when, and why. */
export function StaleHosts({ ages }: { readonly ages: ReadonlyMap<number, ListAge> }): ReactNode {
  const stale = [...ages.values()].filter(({ live }) => !live);
  const [first] = stale;
  if (!first) return null;
  const named = stale.slice(0, MAX_NAMED);
  const others = stale.length - named.length;
  const isOne = stale.length === 1;
  return (
    <div className="fl-note" role="note">
      <IconCloudOff size={17} aria-hidden style={{ flex: "none" }} />
      <Text fz="sm" style={{ overflowWrap: "anywhere" }}>
        Not live:{" "}
        {named.map((age, index) => (
          <span key={age.environmentId}>
            {index > 0 && ", "}
            <b>{age.environmentName}</b> <AsOf age={age} />
          </span>
        ))}
        {others > 0 && ` and ${count(others, "other host")}`}. {isOne ? reasonOf(first) : <Reasons stale={stale} />}
      </Text>
    </div>
  );
}

const reasonOf = ({ error }: ListAge): string | null => error && withLocalTimes(error);

function AsOf({ age: { at } }: { readonly age: ListAge }): ReactNode {
  if (at === null) return "was never reached";
  return (
    <>
      as of <Age at={at} />
    </>
  );
}

function Reasons({ stale }: { readonly stale: readonly ListAge[] }): ReactNode {
  return (
    <Popover width={440} position="bottom-start" withArrow returnFocus>
      <Popover.Target>
        <Anchor component="button" type="button" fz="sm">
          Why
        </Anchor>
      </Popover.Target>
      <Popover.Dropdown
        maw="94vw"
        mah={320}
        style={{ overflow: "auto" }}
        tabIndex={0}
        aria-label="Why they are not live"
      >
        <Stack gap="xs">
          {stale.map((age) => (
            <Text key={age.environmentId} fz="sm" style={{ overflowWrap: "anywhere" }}>
              <b>{age.environmentName}</b> <AsOf age={age} />. {reasonOf(age)}
            </Text>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
