import { createServer, request as httpRequest } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type FairleadError, MAX_BODY_BYTES } from "@fairlead/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HeldBodies, HeldBody, readEdgeBody } from "./edge-body.ts";

const bodies = new HeldBodies();
let held: HeldBody;
const server = createServer((request, response) => {
  held = new HeldBody(bodies);
  readEdgeBody(request, response, "far", held).then(
    (body) => response.end(String(body.length)),
    (error: unknown) => {
      request.resume();
      response.end((error as FairleadError).code);
    },
  );
});

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

async function send(bytes: number): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const upload = httpRequest({ port, method: "POST" });
  // Chunked: the length is not announced.
  const piece = Buffer.alloc(1024 * 1024);
  for (let left = bytes; left > 0; left -= piece.length) upload.write(piece.subarray(0, left));
  upload.end();
  const [answer] = (await once(upload, "response")) as [AsyncIterable<Buffer>];
  let text = "";
  for await (const chunk of answer) text += chunk.toString();
  return text;
}

test("a body is read whole up to the limit, and not beyond", async () => {
  expect(await send(MAX_BODY_BYTES)).toBe(String(MAX_BODY_BYTES));
  held.release();
  expect(await send(MAX_BODY_BYTES + 1)).toBe("needs_streams");
  held.release();
});

test("bodies of all callers share a limit", async () => {
  bodies.add(15.5 * MAX_BODY_BYTES);
  expect(await send(MAX_BODY_BYTES)).toBe("overloaded");
  held.release();
  expect(await send(MAX_BODY_BYTES / 4)).toBe(String(MAX_BODY_BYTES / 4));
  held.release();
  bodies.remove(15.5 * MAX_BODY_BYTES);
  expect(await send(MAX_BODY_BYTES)).toBe(String(MAX_BODY_BYTES));
  held.release();
});
