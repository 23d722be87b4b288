import { Text } from "@mantine/core";
import { IconCloudOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { ListAge } from "../../hub/containers.ts";
import { Age } from "../../ui/age.tsx";
import { count } from "../../ui/format.ts";

/** More are counted: it is one line. Their rows say it, too. */
const MAX_NAMED = 3;

/** Which hosts' lists are not live: since when, and why. */
export function StaleHosts({ ages }: { readonly ages: ReadonlyMap<number, ListAge> }): ReactNode {
  const stale = [...ages.values()].filter(({ live }) => !live);
  if (stale.length === 0) return null;
  const named = stale.slice(0, MAX_NAMED);
  const others = stale.slice(MAX_NAMED);
  return (
    <div className="fl-note" role="note">
      <IconCloudOff size={17} aria-hidden style={{ flex: "none" }} />
      <Text fz="sm" style={{ overflowWrap: "anywhere" }}>
        Not live:{" "}
        {named.map(({ environmentId, environmentName, at, error }, index) => (
          <span key={environmentId}>
            {index > 0 && "; "}
            <b>{environmentName}</b>{" "}
            {at === null ? (
              "was never reached"
            ) : (
              <>
                as of <Age at={at} />
              </>
            )}
            {error !== null && <span className="fl-dimmed"> ({error.replace(/\.$/, "")})</span>}
          </span>
        ))}
        {others.length > 0 && (
          <span title={others.map(({ environmentName }) => environmentName).join(", ")}>
            {" "}
            and {count(others.length, "other host")}
          </span>
        )}
        .
      </Text>
    </div>
  );
}
