import Docker from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import { engineUses } from "./clients/dockerode/engine-uses.ts";
import { streamUses } from "./clients/dockerode/stream-uses.ts";
import { connectKind, longestWay } from "./environment-kinds.ts";
import { Stage } from "./stage.ts";

// dockerode gets through the tunnel what it gets on the engine's own socket.
let stage: Stage;
let direct: Docker;
let tunnel: Docker;
beforeAll(async () => {
  stage = await Stage.open();
  const host = await connectKind(stage, longestWay);
  direct = new Docker({ socketPath: stage.engine.socketPath });
  tunnel = new Docker({ socketPath: host.path });
});
afterAll(() => stage[Symbol.asyncDispose]());

test.each(Object.entries({ ...engineUses, ...streamUses }))("%s", async (_, use) => {
  const expected = await use(direct);
  expect(await use(tunnel)).toEqual(expected);
});
