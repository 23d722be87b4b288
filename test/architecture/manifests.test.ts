import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");

/** Who may import whom when shipped; ARCHITECTURE.md draws the same. */
const MAY_IMPORT: Record<string, string[]> = {
  "packages/protocol": [],
  "packages/agent": ["protocol"],
  "packages/hub": ["protocol"],
  "packages/api-client": ["protocol"],
  "packages/cli": ["agent", "api-client", "hub", "protocol", "web"],
  "packages/web": ["api-client", "protocol"],
  "packages/testkit": [],
};
/** Tests of any package, and what is nothing but tests, may also use these. */
const TESTS_MAY_IMPORT = ["testkit"];
const TEST_WORKSPACES = ["test", "bench"];

interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  exports?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const manifest = (folder: string) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
const ours = (dependencies: Record<string, string> = {}) =>
  Object.keys(dependencies)
    .filter((name) => name.startsWith("@fairlead/"))
    .map((name) => name.slice("@fairlead/".length));

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /\.(tsx?|mjs)$/.test(entry.name) && !/node_modules|\/dist/.test(entry.parentPath),
    )
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function imports(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const found = text.matchAll(/\bfrom "([^"\n]+)";|^import "([^"\n]+)";|\bimport\("([^"\n]+)"\)/gm);
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** Tests, and the set-up that several of them share. */
const isForTests = (file: string) => /(\.test|-fixture|-under-test)\.ts$/.test(file);

const packages = Object.keys(MAY_IMPORT);
const workspaces = [...packages, ...TEST_WORKSPACES];

describe("manifests", () => {
  test("every package has its row in the table", () => {
    expect(
      readdirSync(join(root, "packages"))
        .map((name) => `packages/${name}`)
        .toSorted(),
    ).toEqual(packages.toSorted());
  });

  test.each(packages)("%s depends on what the table allows", (folder) => {
    const { dependencies, devDependencies, exports, version } = manifest(folder);
    expect(MAY_IMPORT[folder]).toEqual(expect.arrayContaining(ours(dependencies)));
    expect([...TESTS_MAY_IMPORT, ...(MAY_IMPORT[folder] ?? [])]).toEqual(expect.arrayContaining(ours(devDependencies)));
    expect(Object.keys(exports ?? {})).not.toHaveLength(0);
    expect(version).toBe(manifest(".").version);
  });

  test.each([...workspaces, "."])("%s pins what it depends on", (folder) => {
    const { dependencies, devDependencies, optionalDependencies } = manifest(folder);
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });
});

describe("imports", () => {
  test.each(workspaces)("%s imports what its manifest declares, by public entries", (folder) => {
    const { dependencies, devDependencies, optionalDependencies } = manifest(folder);
    const shipped = new Set(Object.keys({ ...dependencies, ...optionalDependencies }));
    // Tools of the root that any test may use.
    const forTests = new Set([...shipped, ...Object.keys(devDependencies ?? {}), "vitest", "fast-check"]);
    const wrong: string[] = [];
    for (const file of sources(folder)) {
      const allowed = isForTests(file) || TEST_WORKSPACES.includes(folder) ? forTests : shipped;
      for (const specifier of imports(file)) {
        if (specifier.startsWith(".")) {
          const target = relative(root, join(root, file, "..", specifier));
          if (!target.startsWith(`${folder}/`)) wrong.push(`${file} reaches into ${target}`);
        } else if (!specifier.startsWith("node:")) {
          const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
          if (!allowed.has(name)) wrong.push(`${file} imports ${name}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test("the agent never loads TypeBox: its validators are compiled ahead", () => {
    const wrong = sources("packages/agent")
      .filter((file) => !isForTests(file))
      .filter((file) => imports(file).some((name) => /^typebox|@fairlead\/protocol\/(rest|schemas)/.test(name)));
    expect(wrong).toEqual([]);
    const typesOnly = /import type [^;]*typebox|import type [^;]*schemas/;
    for (const file of ["message.ts", "encode.ts", "decode.ts", "errors.ts", "base64.ts", "index.ts"]) {
      const text = readFileSync(join(root, "packages/protocol/src", file), "utf8");
      for (const line of text.split("\n").filter((line) => /from "(typebox|\.\/schemas)/.test(line))) {
        expect(line, file).toMatch(typesOnly);
      }
    }
  });

  test("SQL stays in the hub's stores and database", () => {
    const wrong = sources("packages/hub/src").filter(
      (file) =>
        !/\/database\/|store\.ts$/.test(file) &&
        !isForTests(file) &&
        /^import (?!type\b)[^;]*"(kysely|node:sqlite)";/m.test(readFileSync(join(root, file), "utf8")),
    );
    expect(wrong).toEqual([]);
  });

  test("no folder or file is a drawer for everything", () => {
    const wrong = workspaces
      .flatMap(sources)
      .filter((file) => /(^|\/)(utils?|common|helpers?|misc|lib)(\/|\.ts$)/.test(file));
    expect(wrong).toEqual([]);
  });
});
