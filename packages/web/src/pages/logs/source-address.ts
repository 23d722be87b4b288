import type { ContainerRow } from "../../hub/containers.ts";
import { type EnvironmentsState, findEnvironment } from "../../hub/environments.ts";
import { shortId } from "../../ui/format.ts";
import type { LogSource } from "./log-view.tsx";

/** The hub takes 200 logs of a person at once; a page with more than fifty is none that anybody reads. */
export const MAX_SOURCES = 50;

/** Sources as an address has them: `1/0123456789ab,attic/web`. */
export function formatSources(sources: readonly Pick<LogSource, "environmentId" | "containerId">[]): string {
  return sources.map(({ environmentId, containerId }) => `${environmentId}/${shortId(containerId)}`).join(",");
}

/** The sources of an address; a container that is not in the lists stays, so that its failure is told. */
export function parseSources(
  text: string,
  environments: EnvironmentsState,
  rows: readonly ContainerRow[],
): readonly LogSource[] {
  const sources = new Map<string, LogSource>();
  for (const part of text.split(",")) {
    const [ref = "", id = ""] = part.split("/").map((piece) => piece.trim());
    if (ref === "" || id === "") continue;
    const environment = findEnvironment(environments, ref);
    const environmentId = environment?.id ?? Number(ref);
    if (Number.isNaN(environmentId)) continue;
    const row = rows.find(
      (one) => one.environmentId === environmentId && (one.container.Id.startsWith(id) || one.name === id),
    );
    const containerId = row?.container.Id ?? id;
    sources.set(`${environmentId}/${containerId}`, {
      environmentId,
      environmentName: environment?.name ?? ref,
      containerId,
      name: row?.name ?? shortId(id),
    });
  }
  return [...sources.values()];
}
