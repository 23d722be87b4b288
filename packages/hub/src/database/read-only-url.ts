import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** Reading a WAL database makes files beside it. Without a log of changes there is no need: nobody writes. */
export function readOnlyUrl(file: string): URL {
  const url = pathToFileURL(file);
  if (!existsSync(`${file}-wal`)) url.searchParams.set("immutable", "1");
  return url;
}
