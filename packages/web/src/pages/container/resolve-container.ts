import type { ContainerRow } from "../../hub/containers.ts";

/** Shorter than this, a text is more likely a name than the start of an id. */
const MIN_ID_LENGTH = 4;

/** The container of a host that an address means: by its id, its name, or the start of its id where only one has it. */
export function resolveContainer(
  rows: readonly ContainerRow[],
  environmentId: number,
  ref: string,
): ContainerRow | undefined {
  const here = rows.filter((row) => row.environmentId === environmentId);
  const exact =
    here.find(({ container }) => container.Id === ref) ??
    here.find(({ name, container }) => name === ref || container.Names.includes(`/${ref}`));
  if (exact || ref.length < MIN_ID_LENGTH || !/^[0-9a-f]+$/.test(ref)) return exact;
  const starting = here.filter(({ container }) => container.Id.startsWith(ref));
  return starting.length === 1 ? starting[0] : undefined;
}
