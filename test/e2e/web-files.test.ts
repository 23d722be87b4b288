import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebStage } from "./web-stage.ts";

// Files carried into a container and out of it by the page, byte for byte.
let web: WebStage;

beforeAll(async () => {
  web = await WebStage.open();
  await web.stage.addEdge("attic");
  await web.stage.engine.dockerOk(["run", "-d", "--init", "--name", "box", "busybox", "sleep", "1000"]);
});
afterAll(() => web?.[Symbol.asyncDispose]());

const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** As the container itself sees it. */
async function sha256Inside(path: string): Promise<string | undefined> {
  return (await web.stage.engine.dockerOk(["exec", "box", "sha256sum", path])).split(" ")[0];
}

async function openFolder(page: Page, path: string): Promise<void> {
  const id = await web.stage.engine.dockerOk(["inspect", "--format", "{{.Id}}", "box"]);
  const query = new URLSearchParams({ path });
  await page.goto(`${web.url}/environments/attic/containers/${id.slice(0, 12)}/files?${query.toString()}`);
  await page.getByRole("table", { name: `Content of ${path}` }).waitFor();
}

/** Chooses files to upload, and answers the question with the button of this name. */
async function upload(page: Page, files: readonly { name: string; data: Buffer }[], answer: string): Promise<void> {
  const asked = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Upload files" }).click();
  await (
    await asked
  ).setFiles(files.map(({ name, data }) => ({ name, mimeType: "application/octet-stream", buffer: data })));
  const question = page.getByRole("dialog", { name: /^Upload \d files? to box/ });
  for (const { name } of files) await question.getByRole("listitem").getByText(name, { exact: true }).waitFor();
  await question.getByRole("button", { name: answer }).click();
  await question.waitFor({ state: "detached" });
}

async function download(page: Page, name: string): Promise<{ name: string; data: Buffer }> {
  const began = page.waitForEvent("download");
  await page.getByRole("button", { name: `Download ${name}` }).click();
  const file = await began;
  return { name: file.suggestedFilename(), data: await readFile(await file.path()) };
}

test("what is uploaded is the same in the container, and the same again when it is downloaded", async () => {
  const { page, complaints } = web.admin;
  const data = randomBytes(3 * 1024 * 1024 + 1);
  await openFolder(page, "/tmp");
  await upload(page, [{ name: "data.bin", data }], "Upload 1 file");
  const table = page.getByRole("table", { name: "Content of /tmp" });
  const row = table.getByRole("row", { name: "file data.bin" });
  await row.getByRole("cell", { name: "3.0 MiB" }).waitFor();
  await row.getByRole("cell", { name: "rw-r--r--" }).waitFor();
  expect(await sha256Inside("/tmp/data.bin")).toBe(sha256(data));
  const back = await download(page, "data.bin");
  expect(back.name).toBe("data.bin");
  expect(sha256(back.data)).toBe(sha256(data));

  const other = randomBytes(1000);
  await upload(page, [{ name: "data.bin", data: other }], "Upload, overwrite 1");
  await row.getByRole("cell", { name: "1000 B" }).waitFor();
  expect(await sha256Inside("/tmp/data.bin")).toBe(sha256(other));
  expect(complaints).toEqual([]);
});

test("names beyond ASCII and long ones, several files at once, and files of a container that does not run", async () => {
  const { page, complaints } = web.admin;
  const { engine } = web.stage;
  await engine.dockerOk(["exec", "box", "mkdir", "-p", "/srv/Größe 大"]);
  // Beyond the 100 bytes of a name in the head of a tar.
  const files = ["Übergröße – 日本語 🍐.bin", `${"ö".repeat(70)}.txt`, "empty"].map((name) => ({
    name,
    data: name === "empty" ? Buffer.alloc(0) : randomBytes(700),
  }));
  await openFolder(page, "/srv/Größe 大");
  await page.getByText("This folder is empty").waitFor();
  await upload(page, files, "Upload 3 files");
  await page.getByText("3 files written to /srv/Größe 大").waitFor();
  const table = page.getByRole("table", { name: "Content of /srv/Größe 大" });
  for (const { name, data } of files) {
    await table.getByRole("row", { name: `file ${name}` }).waitFor();
    expect(await sha256Inside(`/srv/Größe 大/${name}`)).toBe(sha256(data));
  }
  // Not ls: that of BusyBox prints question marks in place of what is not ASCII.
  const found = await engine.dockerOk(["exec", "box", "find", "/srv/Größe 大", "-type", "f"]);
  expect(found.split("\n").toSorted()).toEqual(files.map(({ name }) => `/srv/Größe 大/${name}`).toSorted());

  await engine.dockerOk(["stop", "box"]);
  await page.getByRole("button", { name: "Read again" }).click();
  for (const { name, data } of files) {
    const back = await download(page, name);
    expect(back.name).toBe(name);
    expect(sha256(back.data)).toBe(sha256(data));
  }
  expect(complaints).toEqual([]);
});
