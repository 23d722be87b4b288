import type { Environment } from "@fairlead/protocol/rest";
import { hub } from "../hub/client.ts";
import { speaksVersion } from "./api-version.ts";
import { dockerJson } from "./call.ts";
import type { ImageSummary } from "./images.ts";
import type { Volume } from "./volumes.ts";

/** What `/system/df` counts. Each field is there when it was asked for. */
export interface DiskUsage {
  readonly Images?: readonly ImageSummary[] | null;
  readonly Volumes?: readonly Volume[] | null;
}

/** From this API version on the engine counts only what is asked for; before, everything. */
const TYPED_VERSION = "1.42";

/** Has the engine measure: seconds for images, minutes for volumes with many files. */
export async function readDiskUsage(
  { id, engineInfo }: Pick<Environment, "id" | "engineInfo">,
  type: "image" | "volume",
  signal: AbortSignal,
): Promise<DiskUsage> {
  if (!speaksVersion(engineInfo?.apiVersion, TYPED_VERSION)) return dockerJson(id, "/system/df", { signal });
  const response = await hub.docker(id, `/v${TYPED_VERSION}/system/df?type=${type}`, { signal });
  return (await response.json()) as DiskUsage;
}
