import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type FakeEngine, startFakeEngine } from "./fake-engine.ts";
import { type DockerTarget, download, echo, upload } from "./transfers.ts";
import { waitFor } from "./wait-for.ts";

let engine: FakeEngine;
let target: DockerTarget;
beforeAll(async () => {
  engine = await startFakeEngine();
  target = { connection: { socketPath: engine.socketPath }, prefix: "", headers: {} };
});
afterAll(() => engine.stop());
afterEach(() => engine.clearFaults());

const BYTES = 3_000_001;

test.each(["length", "chunked", "eof"] as const)("a download by %s is complete, whatever its size", async (framing) => {
  for (const bytes of [BYTES, 1]) {
    expect(await download(target, { bytes, framing })).toMatchObject({ outcome: "complete", bytes });
  }
});

test("uploads and echoes are complete", async () => {
  for (const framing of ["length", "chunked"] as const) {
    expect(await upload(target, { bytes: BYTES, framing })).toMatchObject({ outcome: "complete", bytes: BYTES });
  }
  expect(await echo(target, { bytes: BYTES })).toMatchObject({ outcome: "complete", bytes: BYTES });
});

test("a short end is wrong where it looks clean, and failed where it does not", async () => {
  engine.fault("GET /images/get", { kind: "cutBody", afterBytes: 1_000, totalBytes: BYTES });
  expect(await download(target, { bytes: BYTES })).toMatchObject({ outcome: "failed", bytes: 1_000 });
  engine.clearFaults();
  engine.fault("GET /images/get", { kind: "cutBody", afterBytes: 1_000, totalBytes: 1_000 });
  expect(await download(target, { bytes: BYTES })).toMatchObject({ outcome: "wrong", bytes: 1_000 });
  engine.fault("POST /images/load", { kind: "cut" }, 1);
  expect(await upload(target, { bytes: BYTES })).toMatchObject({ outcome: "failed" });
  engine.fault("POST /exec/*/start", { kind: "cut" }, 1);
  expect(await echo(target, { bytes: BYTES })).toMatchObject({ outcome: "failed" });
});

test("other bytes are wrong, and so is a refusal that blames the caller", async () => {
  engine.handle("GET /images/get", ({ response }) => void response.end(Buffer.alloc(1_000)));
  const other = await download(target, { bytes: 1_000 });
  expect(other).toEqual({
    outcome: "wrong",
    bytes: 1_000,
    detail: "the answer ended after 1000 of 1000 bytes, different from 0 on",
  });
  engine.handle("POST /images/load", ({ request, json }) => {
    request.resume();
    json(200, { bytes: 10, sha256: "" });
  });
  expect(await upload(target, { bytes: 10 })).toMatchObject({ outcome: "wrong" });
  for (const [status, outcome] of [
    [502, "failed"],
    [404, "wrong"],
  ] as const) {
    engine.fault("* /exec/*/start", { kind: "status", status }, 1);
    expect(await echo(target, { bytes: 10 })).toMatchObject({ outcome, detail: `${status} fault\n` });
  }
});

test("a caller can be slow, or leave", async () => {
  await using own = await startFakeEngine();
  const local: DockerTarget = { ...target, connection: { socketPath: own.socketPath } };
  const before = performance.now();
  expect(await download(local, { bytes: 100_000, bytesPerSecond: 1_000_000 })).toMatchObject({ outcome: "complete" });
  expect(performance.now() - before).toBeGreaterThan(90);
  expect(await download(local, { bytes: 100_000_000, leaveAfterBytes: 1 })).toMatchObject({ outcome: "left" });
  await waitFor(() => own.requests.at(-1)?.aborted, { what: "the engine to notice" });
});
