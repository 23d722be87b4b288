import { expect, test } from "vitest";
import { checkEnvFile } from "./checked-env-file.ts";

const check = (text: string | Uint8Array): string =>
  checkEnvFile("no-exec", "up", typeof text === "string" ? Buffer.from(text) : text);

test("a .env is written anew, variable by variable", () => {
  const text = `\ufeff# a comment: PATH=/x
A=1
  export B: two words # and a comment\r
C='x' # a comment

D="a \\"quoted\\"
second line"
E
F=
G = https://user:PATH=x@host/#x
#DOCKER_HOST=tcp://x`;
  expect(check(text)).toBe(`A=1
B=two words # and a comment
C='x'
D="a \\"quoted\\"
second line"
E
F=
G=https://user:PATH=x@host/#x
`);
  expect(check("")).toBe("");
  expect(check('COMPOSE_PROFILES=a\nMY_PATH="PATH=/x"')).toBe('COMPOSE_PROFILES=a\nMY_PATH="PATH=/x"\n');
});

test.each([
  "BUILDX_CONFIG=/x",
  "BUILDX_BUILDER=mine",
  "BUILDKIT_HOST=tcp://x",
  "DOCKER_HOST=unix:///var/run/docker.sock",
  "LD_PRELOAD: /x.so",
  "COMPOSE_FILE=/x",
  "COMPOSE_ENV_FILES=/x",
  "HTTPS_PROXY=http://x",
  "AWS_CONFIG_FILE=x",
  "PASSWORD_STORE_DIR=x",
])("%s in .env is refused, however it is written", (line) => {
  const name = /^\w+/.exec(line)?.[0];
  for (const text of [
    line,
    `  \t${line}`,
    `export ${line}`,
    `export\t ${line}`,
    `export${line}`,
    `A=1\r\n${line}\r\n`,
    `\ufeff${line}`,
    line.replace(/[=:]/, " $&"),
    `${name}="x"`,
    `${name}='x'`,
    `${name}:x`,
    `${name}`,
    // Compose's versions differ on where this value ends.
    `A="x\n${line}\n"`,
  ]) {
    expect(() => check(text), text).toThrow(
      expect.objectContaining({
        code: "policy_refused",
        message: expect.stringContaining(`${name} in .env`),
        details: { policy: "no-exec", rule: "compose: variables" },
      }),
    );
  }
});

test.each<[what: string, text: string | Uint8Array]>([
  ["more behind a value", `A="x" LD_PRELOAD=/x`],
  ["more behind a value at once", `A='x'LD_PRELOAD=/x`],
  ["an odd blank before a quote", `A=\v"x"LD_PRELOAD=/x`],
  ["another one", `A= \u00a0"x"LD_PRELOAD=/x`],
  ["a lone carriage return", "A=1\rLD_PRELOAD=/x"],
  ["a backslash before a backslash before a quote", `A="x\\\\" LD_PRELOAD="`],
  ["a backslash at the end of single quotes", `A='x\\' LD_PRELOAD='`],
  ["no end", `A="x`],
  ["a quoted name", `"LD_PRELOAD"=/x`],
  ["a blank in a name", "A LD_PRELOAD=x"],
  ["other letters", "\u017fH=1"],
  ["no text", Buffer.from([65, 61, 0xff])],
  ["a zero", "A=\0"],
])("%s in .env is refused", (_, text) => {
  expect(() => check(text)).toThrow(
    expect.objectContaining({ code: "policy_refused", details: { policy: "no-exec", rule: "compose: .env" } }),
  );
});
