import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ENVIRONMENT_PERMISSIONS } from "../permissions.ts";
import { classifyDockerCall } from "./classify-docker-call.ts";
import { DOCKER_ENDPOINTS } from "./docker-endpoints.ts";

/** Method and path of every operation in Docker's published API descriptions (api/docs of moby), and the first version that has it. */
const PUBLISHED = JSON.parse(
  readFileSync(new URL("../../vectors/docker-api-1.25-1.55.json", import.meta.url), "utf8"),
) as [method: string, path: string, since: string][];

const classOf = (method: string, target: string): string | undefined => {
  const found = classifyDockerCall(method, target);
  return found && `${found.endpoint.method} ${found.endpoint.path}`;
};

test("the table has every endpoint that Docker publishes, and each once", () => {
  const rows = DOCKER_ENDPOINTS.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(rows).size).toBe(rows.length);
  expect(PUBLISHED.length).toBeGreaterThan(100);
  for (const [method, path] of PUBLISHED) {
    expect(rows).toContain(`${method} ${path}`);
    const called = path.replaceAll(/\{\w+\}/g, "abc");
    expect(classOf(method, called)).toBe(`${method} ${path}`);
    expect(classOf(method, `/v1.45${called}?all=1`)).toBe(`${method} ${path}`);
  }
});

test("every permission of an engine's own is given by some endpoint, or asked for by a body", () => {
  const given = new Set<string>(DOCKER_ENDPOINTS.map(({ permission }) => permission));
  const elsewhere = /^(environment|stack)\.|^container\.(privileged|bind)$|^engine\.other$/;
  for (const permission of Object.keys(ENVIRONMENT_PERMISSIONS)) {
    expect(given.has(permission) || elsewhere.test(permission), permission).toBe(true);
  }
});

test("what only looks like reading is no reading", () => {
  const rowOf = (target: string): unknown => classifyDockerCall("GET", target)?.endpoint;
  expect(rowOf("/swarm")).toMatchObject({ effect: "change", permission: "swarm.manage" });
  expect(rowOf("/swarm/unlockkey")).toMatchObject({ effect: "change", permission: "swarm.manage" });
  expect(rowOf("/containers/web/checkpoints")).toMatchObject({ effect: "change", permission: "container.view" });
});

test("names, versions and encodings are read as engines read them", () => {
  expect(classifyDockerCall("GET", "/v1.45/images/registry:5000/team%2Fapp:1/json")).toMatchObject({
    subject: "registry:5000/team/app:1",
    apiVersion: "1.45",
    endpoint: { permission: "image.view" },
  });
  expect(classifyDockerCall("POST", "/containers/web/%65xec")).toMatchObject({
    subject: "web",
    apiVersion: undefined,
    endpoint: { permission: "container.exec" },
  });
  expect(classOf("HEAD", "/containers/web/json")).toBe("GET /containers/{id}/json");
  expect(classOf("HEAD", "/containers/web/attach/ws")).toBe("GET /containers/{id}/attach/ws");
});

test.each([
  ["GET", "//containers/json"],
  ["GET", "/containers/json/"],
  ["GET", "/v1.45//containers/json"],
  ["GET", "/v1.45/../containers/json"],
  ["GET", "/./containers/json"],
  ["GET", "/%2e%2e/containers/json"],
  ["GET", "/Containers/json"],
  ["GET", "/V1.45/containers/json"],
  ["GET", "/v1/containers/json"],
  ["GET", "/v1.45/v1.45/containers/json"],
  ["get", "/containers/json"],
  ["GET", "containers/json"],
  ["GET", "http://docker/containers/json"],
  ["GET", "/containers\\json"],
  ["GET", "/containers/json%00"],
  ["GET", "/containers/json#x"],
  ["GET", "/containers/%zz/json"],
  ["GET", "/containers/%252e/../json"],
  ["GET", "/libpod/containers/json"],
  ["POST", "/containers/a/b/exec"],
  ["POST", "/containers/web/exec/"],
  ["PATCH", "/containers/json"],
  ["GET", ""],
])("%s %s is in no class", (method, target) => {
  expect(classifyDockerCall(method, target)).toBeUndefined();
});
