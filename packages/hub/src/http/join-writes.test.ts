import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:https";
import { connect } from "node:tls";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { makeTestCertificates, seededRandom } from "@fairlead/testkit";
import { expect, test } from "vitest";
import { createNodeServer, listen, closeServer, type ServerHandlers } from "./server.ts";

const SEED = 20_261_129;

async function startServer(handlers: ServerHandlers) {
  await using certificates = await makeTestCertificates();
  const { ca, certPath, keyPath } = certificates;
  const [cert, key] = await Promise.all([readFile(certPath, "utf8"), readFile(keyPath, "utf8")]);
  const server = createNodeServer({ cert, key }, handlers);
  const { port } = await listen(server, "127.0.0.1", 0);
  return { ca, port, [Symbol.asyncDispose]: () => closeServer(server) };
}

/** Of all sizes about the buffer's. */
function pieces(): Buffer[] {
  const random = seededRandom(SEED);
  const sizes = [1, 5, 16_384, 65_535, 262_143, 262_144, 262_145, 700_000, 1_500_000];
  return Array.from({ length: 60 }, () => randomBytes(sizes[random.integer(0, sizes.length - 1)] ?? 0));
}

test("an answer of many writes, in chunks, comes byte for byte", async () => {
  const sent = pieces();
  await using server = await startServer({
    request: (_, response) => {
      for (const piece of sent) response.write(piece);
      response.end("the end");
    },
  });
  const outgoing = request({ host: "127.0.0.1", port: server.port, ca: server.ca, agent: false }).end();
  const [response] = (await once(outgoing, "response")) as [NodeJS.ReadableStream];
  const body = await buffer(response);
  expect(body.equals(Buffer.concat([...sent, Buffer.from("the end")]))).toBe(true);
});

test("texts and bytes on a connection that was taken over, held back and let go, come in order", async () => {
  const sent = pieces();
  await using server = await startServer({
    request: () => {},
    upgrade: (_, socket) => {
      socket.cork();
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      for (const piece of sent) {
        socket.write(piece.toString("hex"), "latin1");
        socket.write(piece);
      }
      socket.uncork();
      socket.end("grüße");
    },
  });
  const socket = connect({ host: "127.0.0.1", port: server.port, ca: server.ca });
  socket.write("GET / HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  const all = await buffer(socket);
  const body = all.subarray(all.indexOf("\r\n\r\n") + 4);
  const expected = [...sent.flatMap((piece) => [Buffer.from(piece.toString("hex")), piece]), Buffer.from("grüße")];
  expect(body.equals(Buffer.concat(expected))).toBe(true);
});

test("a reader that leaves in the midst of it harms nobody", async () => {
  const sent = pieces();
  await using server = await startServer({
    request: (_, response) => {
      for (const piece of sent) response.write(piece);
      response.end();
    },
  });
  for (let round = 0; round < 5; round += 1) {
    const left = request({ host: "127.0.0.1", port: server.port, ca: server.ca, agent: false }).end();
    left.on("error", () => {});
    const [answer] = (await once(left, "response")) as [NodeJS.ReadableStream];
    await once(answer, "data");
    left.destroy();
    const whole = request({ host: "127.0.0.1", port: server.port, ca: server.ca, agent: false }).end();
    const [response] = (await once(whole, "response")) as [NodeJS.ReadableStream];
    expect((await buffer(response)).equals(Buffer.concat(sent))).toBe(true);
  }
});
