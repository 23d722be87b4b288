import type { ReactNode } from "react";
import { agedStatus } from "../../docker/aged-status.ts";
import { stackOf, toneOf } from "../../docker/container-state.ts";
import { type ContainerRow, type ContainersState, containers } from "../../hub/containers.ts";
import { useContainerSample } from "../../hub/container-stats.ts";
import { environments, type EnvironmentsState } from "../../hub/environments.ts";
import { useStore } from "../../hub/store.ts";
import { Age } from "../../ui/age.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatBytes, formatPercent } from "../../ui/format.ts";
import { containerPath } from "./container-path.ts";
import { PageLink } from "./page-link.tsx";
import { hostAddress, publishedPorts } from "./port-links.ts";

// Plain elements: dozens of rows are drawn in each frame of a scroll.

interface CellProps {
  readonly row: ContainerRow;
}

/** State and health as a mark and the engine's sentence, as it reads now; of a host that is away, as of when it was told. */
export function StatusCell({ row: { environmentId, container, toldAt } }: CellProps): ReactNode {
  const now = useNow();
  const age = useStore(containers.store, ({ ages }: ContainersState) => ages.get(environmentId));
  const isStale = age?.live === false;
  const text = isStale ? container.Status : agedStatus(container.Status, toldAt, now);
  return (
    <span className="fl-status" title={text}>
      <span className="fl-dot" data-tone={isStale ? "idle" : toneOf(container)} aria-hidden />
      <span className="ellipsis">{text === "" ? container.State : text}</span>
      {isStale && (
        <span className="fl-dimmed">
          as of <Age at={age.at} />
        </span>
      )}
    </span>
  );
}

/** On phones: the name, and under it state and host. */
export function NarrowCell({ row }: CellProps): ReactNode {
  const stack = stackOf(row.container.Labels);
  return (
    <div className="fl-two-lines">
      <span className="ellipsis">
        <NameCell row={row} />
        <span className="fl-dimmed">
          {" "}
          on {row.environmentName}
          {stack === undefined ? "" : ` · ${stack}`}
        </span>
      </span>
      <StatusCell row={row} />
    </div>
  );
}

export function NameCell({ row }: CellProps): ReactNode {
  return (
    <PageLink to={containerPath(row)} className="fl-strong">
      {row.name}
    </PageLink>
  );
}

export function HostCell({ row: { environmentName } }: CellProps): ReactNode {
  return <PageLink to={`/environments/${encodeURIComponent(environmentName)}`}>{environmentName}</PageLink>;
}

function useSampleOf({ environmentId, container }: ContainerRow) {
  return useContainerSample(environmentId, container.State === "running" ? container.Id : undefined);
}

const NONE = <span className="fl-dimmed">–</span>;

export function CpuCell({ row }: CellProps): ReactNode {
  const sample = useSampleOf(row);
  return sample?.cpuPercent === undefined ? NONE : <span className="tabular">{formatPercent(sample.cpuPercent)}</span>;
}

export function MemoryCell({ row }: CellProps): ReactNode {
  const sample = useSampleOf(row);
  if (sample?.memoryBytes === undefined) return NONE;
  const { memoryBytes, memoryLimitBytes } = sample;
  const title = memoryLimitBytes === undefined ? undefined : `of ${formatBytes(memoryLimitBytes)}`;
  return (
    <span className="tabular" title={title}>
      {formatBytes(memoryBytes)}
    </span>
  );
}

export function PortsCell({ row: { environmentId, container } }: CellProps): ReactNode {
  const environment = useStore(environments.store, ({ byId }: EnvironmentsState) => byId.get(environmentId));
  if (container.Ports.length === 0) return null;
  const ports = publishedPorts(container.Ports, hostAddress(environment, location.hostname));
  return (
    <span title={ports.map(({ text }) => text).join(", ")}>
      {ports.map(({ text, href }, index) => (
        <span key={text}>
          {index > 0 && ", "}
          {href === undefined ? (
            text
          ) : (
            <a className="fl-link" href={href} target="_blank" rel="noreferrer" title={`Open ${href}`}>
              {text}
            </a>
          )}
        </span>
      ))}
    </span>
  );
}
