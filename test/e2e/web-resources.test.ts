import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebStage } from "./web-stage.ts";

// Images, volumes and many containers at once by the page; the engine itself is asked what came of it.
let web: WebStage;
let docker: (...args: string[]) => Promise<string>;

beforeAll(async () => {
  web = await WebStage.open();
  docker = (...args) => web.stage.engine.dockerOk(args);
  await web.stage.addEdge("attic");
});
afterAll(() => web?.[Symbol.asyncDispose]());

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");
/** As the page writes ids. */
const shortId = (id: string): string => id.replace("sha256:", "").slice(0, 12);

test("an image is loaded from a file and removed again", async () => {
  const { page, complaints } = web.admin;
  const { engine, folder } = web.stage;
  await engine.importBusybox("fruit:1");
  const file = join(folder.path, "fruit.tar");
  await docker("save", "-o", file, "fruit:1");
  await docker("rmi", "fruit:1");
  await page.goto(`${web.url}/images`);
  const table = page.getByRole("table", { name: "Images" });
  await table.getByRole("row", { name: "busybox:latest on attic" }).waitFor();
  const row = table.getByRole("row", { name: "fruit:1 on attic" });
  expect(await row.count()).toBe(0);

  await page.getByRole("button", { name: "Load", exact: true }).click();
  const loading = page.getByRole("dialog", { name: "Load images from a file" });
  const asked = page.waitForEvent("filechooser");
  await loading.getByRole("button", { name: "File" }).click();
  await (await asked).setFiles(file);
  await loading.getByRole("button", { name: "Load", exact: true }).click();
  await loading.getByText("Loaded image: fruit:1").waitFor();
  await loading.getByRole("button", { name: "Close", exact: true }).last().click();
  await row.waitFor();
  expect(await docker("images", "-q", "fruit:1")).not.toBe("");

  await row.getByRole("button", { name: "Actions on fruit:1" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  const removing = page.getByRole("dialog", { name: "Remove image" });
  const named = removing.getByRole("list", { name: "What is removed" }).getByRole("listitem");
  expect(await named.allTextContents()).toEqual(["fruit:1 on attic"]);
  await removing.getByRole("button", { name: "Remove 1 image" }).click();
  await removing.waitFor({ state: "detached" });
  await row.waitFor({ state: "detached" });
  expect(await docker("images", "-q", "fruit:1")).toBe("");
  expect(complaints).toEqual([]);
});

test("a pull that fails says why, in the engine's words", async () => {
  const { page, complaints } = web.admin;
  await page.goto(`${web.url}/images`);
  await page.getByRole("button", { name: "Pull", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Pull an image" });
  // Nobody listens there.
  const image = "localhost:1/nothing:2";
  await dialog.getByLabel("Image").fill(image);
  await dialog.getByRole("button", { name: "Pull on 1 host" }).click();
  await dialog.getByText("Failed on 1 host.").waitFor();
  const { stderr } = await web.stage.engine.docker(["pull", image]);
  expect(stderr.toString()).toContain("connection refused");
  await dialog.getByText(/connection refused/).waitFor();
  expect(complaints).toEqual([]);
});

/** What the prune's dialog says that would go. */
function itemsOf(dialog: Locator): Promise<string[]> {
  return dialog.getByRole("region", { name: "attic" }).getByRole("listitem").allTextContents();
}

async function openPrune(page: Page, noun: "image" | "volume"): Promise<Locator> {
  await page.goto(`${web.url}/${noun}s`);
  await page.getByRole("button", { name: "Prune", exact: true }).click();
  return page.getByRole("dialog", { name: `Prune ${noun}s` });
}

test("the prune of images names what goes and how much, and takes just that", async () => {
  const { page, complaints } = web.admin;
  // One without a name that nothing uses, one that a container was made of.
  await docker("run", "--name", "maker", "busybox", "dd", "if=/dev/zero", "of=/big", "bs=1M", "count=3");
  const unused = await docker("commit", "maker");
  const used = await docker("commit", "maker");
  await docker("rm", "maker");
  await docker("create", "--name", "keeper", used);
  const dialog = await openPrune(page, "image");
  await dialog.getByText(/^Frees /).waitFor();
  const [item = "", ...others] = await itemsOf(dialog);
  expect(others).toEqual([]);
  expect(item).toContain(shortId(unused));
  const size = Number(await docker("image", "inspect", "--format", "{{.Size}}", unused));
  expect(item).toContain(`${(size / 1024 ** 2).toFixed(1)} MiB`);

  await dialog.getByRole("button", { name: "Prune 1 image on 1 host" }).click();
  await dialog.getByText(/^Removed what was shown; .+ freed\.$/).waitFor();
  const images = lines(await docker("images", "-aq", "--no-trunc"));
  expect(images).not.toContain(unused);
  expect(images).toContain(used);
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
  await page.getByRole("table", { name: "Images" }).getByRole("row", { name: "busybox:latest on attic" }).waitFor();
  expect(complaints).toEqual([]);
});

test("the prune of volumes leaves those with names alone until they are meant, and those in use always", async () => {
  const { page, complaints } = web.admin;
  await docker("run", "--rm", "-v", "photos:/data", "busybox", "dd", "if=/dev/zero", "of=/data/a", "bs=1M", "count=2");
  await docker("create", "--name", "holder", "-v", "letters:/data", "busybox");
  const anonymous = await docker("volume", "create", "--label", "com.docker.volume.anonymous=");
  const dialog = await openPrune(page, "volume");
  await dialog.getByRole("button", { name: "Prune 1 volume on 1 host" }).waitFor();
  const [shown = "", ...others] = await itemsOf(dialog);
  expect(shown).toContain(anonymous.slice(0, 12));
  expect(others).toEqual([]);

  await dialog.getByText("All unused", { exact: true }).click();
  await dialog.getByText("Frees 2.0 MiB.", { exact: true }).waitFor();
  const [first, second, ...rest] = await itemsOf(dialog);
  expect(first).toMatch(/^photos named2\.0 MiB$/);
  expect(second).toBe(`${anonymous.slice(0, 12)} anonymous0 B`);
  expect(rest).toEqual([]);
  await dialog.getByRole("button", { name: "Prune 2 volumes on 1 host" }).click();
  await dialog.getByText("Removed what was shown; 2.0 MiB freed.").waitFor();
  expect(lines(await docker("volume", "ls", "-q"))).toEqual(["letters"]);
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
  const rows = page.getByRole("table", { name: "Volumes" }).getByRole("row", { name: / on attic$/ });
  await expect.poll(() => rows.count()).toBe(1);
  await page.getByRole("row", { name: "letters on attic" }).waitFor();
  expect(complaints).toEqual([]);
});

test("of three containers one cannot be started: it says why, and can be tried again", async () => {
  const { page, complaints } = web.admin;
  for (const name of ["first", "second"]) await docker("create", "--name", name, "--init", "busybox", "sleep", "1000");
  await docker("create", "--name", "third", "busybox", "/program");
  await page.goto(`${web.url}/containers`);
  for (const name of ["first", "second", "third"])
    await page.getByRole("checkbox", { name: `Tick ${name} on attic` }).click();
  const bar = page.getByRole("group", { name: "Actions on what is ticked" });
  await bar.getByText("3 ticked").waitFor();
  await bar.getByRole("button", { name: "Start 3", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("2 of 3 started, 1 failed.").waitFor();
  const outcomes = dialog.getByRole("table", { name: "Outcomes" });
  const { stderr } = await web.stage.engine.docker(["start", "third"]);
  expect(stderr.toString()).toContain("/program");
  await outcomes
    .getByRole("row", { name: "third on attic" })
    .getByText(/\/program.*no such file/)
    .waitFor();
  for (const name of ["first", "second"]) {
    await outcomes
      .getByRole("row", { name: `${name} on attic` })
      .getByText("done")
      .waitFor();
    expect(await docker("inspect", "--format", "{{.State.Status}}", name)).toBe("running");
  }

  const program = join(web.stage.folder.path, "program");
  await writeFile(program, "#!/bin/sh\nexec sleep 1000\n");
  await chmod(program, 0o755);
  await docker("cp", program, "third:/program");
  await dialog.getByRole("button", { name: "Try the 1 that failed again" }).click();
  await dialog.getByText("3 of 3 started.").waitFor();
  expect(await docker("inspect", "--format", "{{.State.Status}}", "third")).toBe("running");
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
  await page.getByRole("row", { name: "third on attic" }).getByText(/^Up /).waitFor();
  expect(complaints).toEqual([]);
});
