import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseImageReference, registryAuth } from "./image-reference.ts";

const SHA = `sha256:${"a1".repeat(32)}`;
const parsed = (text: string): unknown => {
  const result = parseImageReference(text);
  return result.ok ? result.reference : undefined;
};

describe("an image's name", () => {
  test.each([
    ["nginx", { registry: "docker.io", name: "nginx", tag: "latest", digest: undefined }],
    [" nginx:1.27 ", { registry: "docker.io", name: "nginx", tag: "1.27", digest: undefined }],
    ["owner/name", { registry: "docker.io", name: "owner/name", tag: "latest", digest: undefined }],
    ["ghcr.io/a/b/c:v1", { registry: "ghcr.io", name: "ghcr.io/a/b/c", tag: "v1", digest: undefined }],
    ["localhost:5000/a", { registry: "localhost:5000", name: "localhost:5000/a", tag: "latest", digest: undefined }],
    ["localhost/a", { registry: "localhost", name: "localhost/a", tag: "latest", digest: undefined }],
    ["index.docker.io/a/b", { registry: "docker.io", name: "index.docker.io/a/b", tag: "latest", digest: undefined }],
    [`nginx@${SHA}`, { registry: "docker.io", name: "nginx", tag: undefined, digest: SHA }],
    [`nginx:1.27@${SHA}`, { registry: "docker.io", name: "nginx", tag: "1.27", digest: SHA }],
  ])("%s", (text, expected) => expect(parsed(text)).toEqual(expected));

  test.each([
    ["", "Enter an image"],
    ["ng inx", "no spaces"],
    ["https://ghcr.io/a", "Leave out https://"],
    ["Nginx", '"Nginx" is not a part'],
    ["a//b", "part of the name is empty"],
    ["nginx:", 'The tag ""'],
    ["nginx:-x", 'The tag "-x"'],
    ["nginx@sha256:12", "must be a digest"],
    [`nginx@${SHA}@${SHA}`, "must be a digest"],
    ["-x.io/a", "not the name of a registry"],
    ["a".repeat(256), "255"],
  ])("%j is refused", (text, problem) => {
    const result = parseImageReference(text);
    expect(result.ok ? undefined : result.problem).toContain(problem);
  });

  test("what is read is written the same", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const reference = fc.tuple(
      fc.option(fc.constantFrom("ghcr.io", "localhost:5000", "registry.example.com"), { nil: undefined }),
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
    );
    fc.assert(
      fc.property(reference, ([registry, path, tag]) => {
        const name = [...(registry === undefined ? [] : [registry]), ...path].join("/");
        // A first part that looks like a registry's name is one.
        fc.pre(registry !== undefined || path.length === 1 || path[0] !== "localhost");
        expect(parsed(`${name}:${tag}`)).toEqual({ registry: registry ?? "docker.io", name, tag, digest: undefined });
      }),
    );
  });
});

const decoded = (value: string): string => {
  const letters = atob(value.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)));
};

test("credentials travel as the engine reads them, whatever their letters", () => {
  const value = registryAuth({ username: "ada", password: "pä??>>~€" }, "ghcr.io");
  expect(value).toMatch(/^[\w-]+=*$/);
  expect(JSON.parse(decoded(value))).toEqual({
    username: "ada",
    password: "pä??>>~€",
    serveraddress: "ghcr.io",
  });
  const hub = registryAuth({ username: "a", password: "b" }, "docker.io");
  expect(decoded(hub)).toContain("https://index.docker.io/v1/");
});
