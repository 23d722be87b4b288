import { once } from "node:events";
import * as net from "node:net";
import { makeTestCertificates } from "@fairlead/testkit";
import { expect, test } from "vitest";
import { closeServer, createNodeServer, listen } from "./server.ts";

test("a server closes whatever state its connections are in", async () => {
  await using certificates = await makeTestCertificates();
  for (const tls of [undefined, { cert: certificates.cert, key: certificates.key }]) {
    const server = createNodeServer(tls, {
      request: () => {},
      // Taken over, and forgotten.
      upgrade: (_request, socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
    });
    const { port } = await listen(server, "127.0.0.1", 0);
    const open = async (): Promise<net.Socket> => {
      const accepted = once(server, "connection");
      const connection = net.connect({ port, host: "127.0.0.1" }).on("error", () => {});
      await Promise.all([once(connection, "connect"), accepted]);
      return connection;
    };
    const left = await open();
    left.end();
    const silent = await open();
    const upgraded = await open();
    upgraded.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n");
    if (!tls) await once(upgraded, "data");
    await expect(closeServer(server)).resolves.toBeUndefined();
    for (const connection of [left, silent, upgraded]) connection.destroy();
  }
}, 30_000);
