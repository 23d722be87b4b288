import type { ReactNode } from "react";
import type { ContainerInspect, HostConfig } from "../../../docker/container-inspect.ts";
import { count, formatBytes } from "../../../ui/format.ts";
import { Properties } from "../../../ui/properties.tsx";
import { Card } from "./card.tsx";

export function LimitsCard({ inspect: { HostConfig: host } }: { readonly inspect: ContainerInspect }): ReactNode {
  return (
    <Card title="Limits">
      <Properties
        items={[
          ["Memory", host.Memory ? formatBytes(host.Memory) : "none: all of the host's"],
          ["Memory and swap", swapText(host)],
          ["CPU", cpuText(host)],
          ["CPU shares", host.CpuShares || undefined],
          ["On the cores", host.CpusetCpus],
          ["Processes", host.PidsLimit && host.PidsLimit > 0 ? count(host.PidsLimit, "process", "processes") : "none"],
          ["Capabilities taken", (host.CapDrop ?? []).join(", ")],
        ]}
      />
    </Card>
  );
}

function swapText({ MemorySwap = 0 }: HostConfig): string | undefined {
  if (MemorySwap === 0) return undefined;
  return MemorySwap < 0 ? "swap without limit" : formatBytes(MemorySwap);
}

function cpuText({ NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0 }: HostConfig): string {
  // The engine's own period.
  const cores = NanoCpus > 0 ? NanoCpus / 1e9 : CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : 0;
  return cores > 0 ? count(cores, "core") : "none: all of the host's";
}
