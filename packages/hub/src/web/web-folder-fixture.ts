/** For tests: a page as `npm run build` leaves it, in a temporary folder. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tempDir, type TempDir } from "@fairlead/testkit";

export async function webFolderFixture(): Promise<TempDir> {
  const folder = await tempDir();
  await mkdir(join(folder.path, "assets"));
  await mkdir(join(folder.path, ".vite"));
  const files = {
    "index.html": "<!doctype html><title>Fairlead</title>",
    "icon.svg": "<svg/>",
    ".secret.json": "{}",
    ".vite/manifest.json": "{}",
    "assets/index-abc.js": "plain",
    "assets/index-abc.js.br": "brotli",
    "assets/index-abc.js.gz": "gzip",
    "assets/font-abc.woff2": "font",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder.path, name), content);
  return folder;
}
