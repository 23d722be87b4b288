import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CreateBody } from "./create-body.ts";
import { applyForm, formOf } from "./recreate-form.ts";

const BODY: CreateBody = {
  Image: "app:1",
  Cmd: ["sh", "-c", "echo 'it is' $HOME"],
  Env: ["MODE=prod", "KEY=line one\nline two"],
  Labels: { tier: "web", empty: "" },
  ExposedPorts: { "80/tcp": {}, "99/tcp": {} },
  HostConfig: {
    Binds: ["data:/data", "/srv:/srv:ro"],
    PortBindings: {
      "80/tcp": [
        { HostIp: "127.0.0.1", HostPort: "8080" },
        { HostIp: "::1", HostPort: "" },
      ],
    },
    RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
    NetworkMode: "front",
  },
  NetworkingConfig: { EndpointsConfig: { front: { Aliases: ["www"] }, back: {} } },
};
const FORM = formOf(BODY);

test("shows each part a line", () => {
  expect(FORM).toEqual({
    image: "app:1",
    command: `sh -c 'echo '"'"'it is'"'"' $HOME'`,
    env: `MODE=prod\n"KEY=line one\\nline two"`,
    labels: "tier=web\nempty=",
    ports: "127.0.0.1:8080:80/tcp\n[::1]::80/tcp",
    binds: "data:/data\n/srv:/srv:ro",
    restart: "on-failure:3",
    networks: "front\nback",
  });
});

test("a form that nobody changed changes nothing", () => {
  expect(applyForm(BODY, FORM)).toEqual({ body: BODY, errors: {} });
});

test("every field is read as it is shown", () => {
  const word = fc.string({ minLength: 1, unit: "grapheme" });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.array(fc.string({ unit: "grapheme" })), (command, values) => {
      const env = values.map((value, index) => `V${index}=${value.trim()}x`);
      const { command: shown, env: lines } = formOf({ Image: "x", Cmd: command, Env: env, HostConfig: {} });
      const { body, errors } = applyForm(
        { Image: "x", HostConfig: {} },
        { ...formOf({ Image: "x", HostConfig: {} }), command: shown, env: lines },
      );
      expect(errors).toEqual({});
      expect(body.Cmd).toEqual(command);
      expect(body.Env ?? []).toEqual(env);
    }),
  );
});

describe("changes", () => {
  const change = (fields: Partial<typeof FORM>) => applyForm(BODY, { ...FORM, ...fields });

  test("go where they belong, and nowhere else", () => {
    const { body } = change({ image: "app:2", ports: "9090:80", restart: "always", env: "MODE=test" });
    expect(body).toEqual({
      ...BODY,
      Image: "app:2",
      Env: ["MODE=test"],
      HostConfig: {
        ...BODY.HostConfig,
        PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "9090" }] },
        RestartPolicy: { Name: "always", MaximumRetryCount: 0 },
      },
    });
  });

  test("what is emptied is left to the image", () => {
    const { body } = change({ command: " ", env: "", labels: "", ports: "" });
    expect([body.Cmd, body.Env, body.Labels, body.HostConfig.PortBindings]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(body.ExposedPorts).toEqual({ "99/tcp": {} });
  });

  test("a network that stays keeps its aliases; the first is the main one when the old main one goes", () => {
    expect(change({ networks: "front\nnew" }).body).toMatchObject({
      HostConfig: { NetworkMode: "front" },
      NetworkingConfig: { EndpointsConfig: { front: { Aliases: ["www"] }, new: {} } },
    });
    expect(change({ networks: "back" }).body.HostConfig.NetworkMode).toBe("back");
    const host = change({ networks: "host" }).body;
    expect([host.HostConfig.NetworkMode, host.NetworkingConfig]).toEqual(["host", undefined]);
  });

  test.each<[keyof typeof FORM, string]>([
    ["image", " "],
    ["command", "sh -c 'open"],
    ["env", "no name"],
    ["ports", "80"],
    ["ports", "x:80"],
    ["binds", "data"],
    ["binds", "data:relative"],
    ["restart", "sometimes"],
    ["networks", ""],
    ["networks", "host\nfront"],
    ["env", '"broken'],
  ])("%s %j is told to be wrong", (field, text) => {
    const { errors, body } = change({ [field]: text });
    expect(Object.keys(errors)).toEqual([field]);
    expect(body).toEqual(BODY);
  });
});
