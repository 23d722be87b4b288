import type { HostConfig } from "../../../docker/container-inspect.ts";
import { parseSize, sizeText } from "./parse-size.ts";

/** The form's texts; empty: no limit. */
export interface UpdateForm {
  readonly memory: string;
  /** Memory and swap together; `-1`: swap without limit. */
  readonly memorySwap: string;
  readonly cpus: string;
  readonly cpuShares: string;
  readonly pids: string;
  readonly restart: string;
  readonly retries: string;
}

export interface UpdateRequest {
  readonly body: Readonly<Record<string, unknown>>;
  /** By field: what is wrong, and how it is right. */
  readonly errors: Partial<Readonly<Record<keyof UpdateForm, string>>>;
}

/** The smallest that the engine takes. */
const MIN_MEMORY = 6 * 1024 * 1024;

export function updateForm(host: HostConfig): UpdateForm {
  const shown = (value: number | null | undefined, text: (value: number) => string = String): string =>
    value === undefined || value === null || value === 0 ? "" : text(value);
  const size = (value: number): string => (value < 0 ? "-1" : sizeText(value));
  const cpus = host.NanoCpus ? host.NanoCpus / 1e9 : 0;
  return {
    memory: shown(host.Memory, size),
    memorySwap: shown(host.MemorySwap, size),
    cpus: shown(cpus),
    cpuShares: shown(host.CpuShares),
    pids: shown(host.PidsLimit, (value) => (value < 0 ? "" : String(value))),
    restart: host.RestartPolicy?.Name || "no",
    retries: shown(host.RestartPolicy?.MaximumRetryCount),
  };
}

const CANNOT_UNSET = "The engine cannot take this limit away from an existing container. Set another, or recreate it.";

/** The body of an update: only what is another than before. */
export function updateRequest(host: HostConfig, form: UpdateForm): UpdateRequest {
  const before = updateForm(host);
  const body: Record<string, unknown> = {};
  const errors: Partial<Record<keyof UpdateForm, string>> = {};
  const changed = (field: keyof UpdateForm): boolean => form[field].trim() !== before[field];
  /** Of the limits that an update with 0 leaves as they are. */
  const limit = (field: keyof UpdateForm, name: string, parse: (text: string) => number | string): void => {
    if (!changed(field)) return;
    const text = form[field].trim();
    if (text === "") {
      errors[field] = CANNOT_UNSET;
      return;
    }
    const value = parse(text);
    if (typeof value === "string") errors[field] = value;
    else body[name] = value;
  };

  limit("memory", "Memory", (text) => {
    const bytes = parseSize(text);
    if (bytes === undefined) return "A size is a number with a unit, such as 512m or 2g.";
    return bytes < MIN_MEMORY ? "The engine takes no less than 6m." : bytes;
  });
  limit("memorySwap", "MemorySwap", (text) =>
    text === "-1" ? -1 : (parseSize(text) ?? "A size is a number with a unit, such as 1g; -1 is without limit."),
  );
  limit("cpus", "NanoCpus", (text) => {
    const cpus = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
    return cpus < 0.01 ? "A number of cores of at least 0.01, such as 1.5." : Math.round(cpus * 1e9);
  });
  limit("cpuShares", "CpuShares", (text) =>
    /^\d+$/.test(text) && Number(text) >= 2 && Number(text) <= 262_144
      ? Number(text)
      : "A whole number from 2 to 262144; 1024 is the usual share.",
  );
  if (changed("pids")) {
    const text = form.pids.trim();
    if (text === "") body["PidsLimit"] = -1;
    else if (/^[1-9]\d*$/.test(text)) body["PidsLimit"] = Number(text);
    else errors.pids = "A whole number, or nothing for no limit.";
  }
  checkSwap(host, form, body, errors);
  if (changed("restart") || (form.restart === "on-failure" && changed("retries"))) {
    const retries = form.restart === "on-failure" ? form.retries.trim() : "";
    if (!/^\d*$/.test(retries)) errors.retries = "A whole number, or nothing for as often as it takes.";
    else body["RestartPolicy"] = { Name: form.restart, MaximumRetryCount: Number(retries) };
  }
  return { body, errors };
}

function checkSwap(
  host: HostConfig,
  form: UpdateForm,
  body: Readonly<Record<string, unknown>>,
  errors: Partial<Record<keyof UpdateForm, string>>,
): void {
  if (body["Memory"] === undefined && body["MemorySwap"] === undefined) return;
  const memory = (body["Memory"] as number | undefined) ?? host.Memory ?? 0;
  const swap = (body["MemorySwap"] as number | undefined) ?? host.MemorySwap ?? 0;
  if (swap > 0 && memory === 0) errors.memorySwap = "Swap is limited only together with memory. Set memory, too.";
  else if (swap > 0 && swap < memory)
    errors.memorySwap = `Memory and swap together are less than memory alone (${form.memory.trim()}). Set at least as much, or -1.`;
}
