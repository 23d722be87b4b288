import { once } from "node:events";
import { access, stat, writeFile } from "node:fs/promises";
import * as net from "node:net";
import { join } from "node:path";
import { runCommand, tempDir, type TempDir } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listenLocally, type LocalSocket } from "./local-socket.ts";

let folder: TempDir;
let open: LocalSocket[];

beforeEach(async () => {
  folder = await tempDir();
  open = [];
});

afterEach(async () => {
  for (const socket of open) await socket.close();
  await folder.stop();
});

async function listen(path: string): Promise<LocalSocket> {
  const socket = await listenLocally(path, (connection) => void connection.end("hello"));
  open.push(socket);
  return socket;
}

function dial(path: string): net.Socket {
  // A socket that is closed on us with bytes unread is a reset.
  return net.connect(path).on("error", () => {});
}

test("only its owner can open it, and its folder", async () => {
  const path = join(folder.path, "run/a.sock");
  await listen(path);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder.path, "run"))).mode & 0o777).toBe(0o700);
});

test("closing it ends its connections and removes it", async () => {
  const path = join(folder.path, "a.sock");
  const socket = await listen(path);
  const connection = dial(path);
  const [data] = (await once(connection, "data")) as [Buffer];
  expect(data.toString()).toBe("hello");
  const closed = once(connection, "close");
  await socket.close();
  await closed;
  await expect(access(path)).rejects.toThrow("ENOENT");
  await socket.close();
});

describe("a path that exists", () => {
  test("is replaced when the socket's process is gone", async () => {
    const path = join(folder.path, "a.sock");
    const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    await runCommand(process.execPath, ["-e", script]);
    expect((await stat(path)).isSocket()).toBe(true);
    await listen(path);
  });

  test("is refused when somebody listens there", async () => {
    const path = join(folder.path, "a.sock");
    await listen(path);
    await expect(listen(path)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("in use") });
    const connection = dial(path);
    await once(connection, "data");
  });

  test("is refused, and left alone, when it is no socket", async () => {
    const path = join(folder.path, "file");
    await writeFile(path, "precious");
    await expect(listen(path)).rejects.toMatchObject({ code: "conflict" });
    expect((await stat(path)).size).toBe(8);
  });
});

test("a path that is too long for a socket is refused by its length", async () => {
  await expect(listen(join(folder.path, "x".repeat(100)))).rejects.toMatchObject({ code: "bad_request" });
});
