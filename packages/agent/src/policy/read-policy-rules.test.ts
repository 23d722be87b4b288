import { isFairleadError } from "@fairlead/protocol";
import { tempDir } from "@fairlead/testkit";
import { describe, expect, test } from "vitest";
import { loadPolicy } from "./load-policy.ts";
import { parseImagePattern, parseImageReference } from "./image-reference.ts";
import { canonicalHostPath, isBelowRoot } from "./host-path.ts";
import { readPolicyRules } from "./read-policy-rules.ts";

const read = (text: string) => readPolicyRules("/etc/fairlead/policy.yaml", text);

function messageOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (isFairleadError(error, "config_invalid")) return error.message;
    throw error;
  }
  return "no error";
}

describe("a policy file", () => {
  test("is read whole", () => {
    const rules = read(`
name: shop
allow: [system.view, container.*]
deny: [container.write-files]
containers:
  allow: [{ name: "shop-*", labels: { team: shop } }, { labels: { tier: "*" } }]
  deny: [{ name: shop-db }]
images: { allow: [ghcr.io/acme/**, "docker.io/library/redis:7.*"], unchecked: allow }
binds: [/srv/data/, "/etc/ssl:ro"]
privileged: deny
unconfined: allow
hostNamespaces: [network]
capabilities: [net_admin, CAP_SYS_TIME]
devices: [/dev/dri/*, "gpu:*"]
exec: { users: [nobody, 1000] }
compose: { operations: [up, ps] }
`);
    expect(rules).toMatchObject({
      name: "shop",
      binds: [
        { path: "/srv/data", readOnly: false },
        { path: "/etc/ssl", readOnly: true },
      ],
      allowsPrivileged: false,
      allowsUnconfined: true,
      hostNamespaces: ["network"],
      capabilities: ["NET_ADMIN", "SYS_TIME"],
      execUsers: ["nobody", "1000"],
      composeOperations: ["up", "ps"],
      images: { needsDigest: false, allowsUnchecked: true },
    });
    expect(rules.containers?.allow?.map(({ text }) => text)).toEqual([
      "name shop-* and label team=shop",
      "label tier=*",
    ]);
  });

  test("allows nothing where it says nothing, and is named after its file", () => {
    expect(read("allow: []")).toEqual({
      name: "policy.yaml",
      allow: [],
      deny: [],
      containers: undefined,
      images: undefined,
      binds: [],
      allowsPrivileged: false,
      allowsUnconfined: false,
      hostNamespaces: [],
      capabilities: [],
      devices: [],
      execUsers: undefined,
      composeOperations: [],
    });
  });

  test.each([
    ["", /must be a map with some of name, allow/],
    ["- a", /must be a map/],
    ["allow: [container.view]\nalow: []", /line 2: alow: unknown key; known are name, allow, deny/],
    ["allow: container.view", /line 1: allow: must be a list of endpoint classes/],
    [
      "allow:\n  - containers.view",
      /line 2: allow\[0\]: is "containers.view", which is no endpoint class; those are .*container\.view/,
    ],
    ["allow: [container.privileged]", /container.privileged is not a class of endpoints; on that decides privileged, /],
    ["allow: [environment.manage]", /is no endpoint class/],
    ["allow: [a: b]", /allow\[0\]: must be an endpoint class/],
    ["allow: []\nallow: []", /line 2: Map keys must be unique/],
    ["allow: [", /policy.yaml line 1: /],
    ["allow: !!js/function 1", /Unresolved tag|must be a list/],
    ["a: &x [container.view]\nallow: *x", /a: unknown key/],
    ["allow: &x [container.view]\ndeny: *x", /deny: must be written out, not as an alias/],
    ["allow: []\n---\nallow: []", /multiple documents/],
    ["containers: {}", /containers: must have allow or deny/],
    ["containers: { allow: [web] }", /containers.allow\[0\]: must be a map with some of name, labels/],
    ["containers: { allow: [{}] }", /containers.allow\[0\]: must have name or labels/],
    ["containers: { allow: [{ nam: x }] }", /containers.allow\[0\].nam: unknown key/],
    ["containers: { allow: [{ labels: { a: [] } }] }", /labels.a: must be a pattern/],
    ["images: {}", /images: must have allow/],
    ["images: { allow: [nginx] }", /images.allow\[0\]: is "nginx"; allowed are REGISTRY\/PATH/],
    ["images: { allow: ['ghcr.io/a:1'], digest: required }", /has a tag/],
    ["images: { allow: [], digest: yes }", /images.digest: .*required/],
    ["binds: [srv]", /binds\[0\]: is "srv"; allowed is an absolute path/],
    ["binds: [/srv/../etc]", /without \.\./],
    ["binds: ['/srv/*']", /without \.\. and \*/],
    ["privileged: true", /privileged: must be allow or deny/],
    ["privileged: sometimes", /privileged: is "sometimes"; allowed are allow, deny/],
    ["hostNamespaces: [net]", /is "net"; allowed are network, pid, ipc, uts, user, cgroup/],
    ["capabilities: ['*']", /allowed are names such as NET_ADMIN, and ALL/],
    ["devices: [/etc]", /allowed are paths such as/],
    ["exec: { user: [a] }", /exec.user: unknown key; known are users/],
    ["exec: { users: [''] }", /exec.users\[0\]: must be a user/],
    ["compose: { operations: [exec] }", /is "exec"; allowed are up, down, pull/],
    [`name: "${"x".repeat(300)}"`, /name: must be at most 256 characters/],
  ])("%j says what is wrong, and where", (text, expected) => {
    expect(messageOf(text)).toMatch(expected);
  });

  test("that is not there, or too large, is said", async () => {
    const folder = await tempDir();
    await expect(loadPolicy(`${folder.path}/none`)).rejects.toMatchObject({ code: "config_invalid" });
    await expect(loadPolicy(folder.path)).rejects.toMatchObject({ code: "config_invalid" });
    await folder.stop();
  });
});

test.each([
  ["nginx", "docker.io/library/nginx", undefined],
  ["nginx:1.25", "docker.io/library/nginx", "1.25"],
  ["acme/app", "docker.io/acme/app", undefined],
  ["index.docker.io/acme/app", "docker.io/acme/app", undefined],
  ["localhost/app:1", "localhost/app", "1"],
  ["registry:5000/app:1", "registry:5000/app", "1"],
  ["GHCR.io/acme/app", "ghcr.io/acme/app", undefined],
  [`ghcr.io/a:1@sha256:${"0".repeat(64)}`, "ghcr.io/a", undefined],
  ["deadbeef", undefined, undefined],
  ["sha256:deadbeef", undefined, undefined],
  ["0".repeat(64), undefined, undefined],
  ["UPPER", undefined, undefined],
  ["ghcr.io/../a", undefined, undefined],
  ["", undefined, undefined],
])("the image %j is %j with tag %j", (text, repository, tag) => {
  const found = parseImageReference(text);
  expect(found?.repository).toBe(repository);
  expect(found?.tag).toBe(tag);
});

test.each<[pattern: string, image: string, matches: boolean]>([
  ["docker.io/library/nginx", "nginx:1", true],
  ["docker.io/library/*", "acme/nginx", false],
  ["docker.io/**", "acme/nginx", true],
  ["ghcr.io/acme/*", "ghcr.io/acme/a/b", false],
  ["ghcr.io/acme/**", "ghcr.io/acme/a/b", true],
  ["ghcr.io/acme/*", "ghcr.io.evil/acme/a", false],
  ["ghcr.io/acme/*", "evil/ghcr.io/acme/a", false],
  ["ghcr.io/acme/app:1.*", "ghcr.io/acme/app:1.2", true],
  ["ghcr.io/acme/app:1.*", "ghcr.io/acme/app:2.1.2", false],
  ["ghcr.io/acme/app:1.*", "ghcr.io/acme/app", false],
  ["ghcr.io/acme/app:1.*", `ghcr.io/acme/app:1.2@sha256:${"0".repeat(64)}`, false],
  [`ghcr.io/acme/app@sha256:${"0".repeat(64)}`, `ghcr.io/acme/app@sha256:${"0".repeat(64)}`, true],
  [`ghcr.io/acme/app@sha256:${"0".repeat(64)}`, `ghcr.io/acme/app@sha256:${"1".repeat(64)}`, false],
  [`ghcr.io/acme/app@sha256:${"0".repeat(64)}`, "ghcr.io/acme/app:1", false],
])("the pattern %s matches %s: %s", (pattern, image, matches) => {
  const reference = parseImageReference(image) ?? expect.unreachable();
  expect(parseImagePattern(pattern)?.matches(reference)).toBe(matches);
});

test.each<[path: string, readOnly: boolean, isBelow: boolean]>([
  ["/srv/data", false, true],
  ["/srv/data/", false, true],
  ["/srv//data/./a", false, true],
  ["/srv/database", false, false],
  ["/srv", false, false],
  ["/", false, false],
  ["/srv/data/../data", false, false],
  ["/srv/data/a/..", false, false],
  ["srv/data", false, false],
  ["/etc/ssl/x", true, true],
  ["/etc/ssl/x", false, false],
])("%s (read-only: %s) is below the roots: %s", (path, readOnly, isBelow) => {
  const roots = [
    { path: "/srv/data", readOnly: false },
    { path: "/etc/ssl", readOnly: true },
  ];
  expect(isBelowRoot(roots, path, readOnly)).toBe(isBelow);
  expect(isBelowRoot([{ path: "/", readOnly: false }], path, readOnly)).toBe(canonicalHostPath(path) !== undefined);
});
