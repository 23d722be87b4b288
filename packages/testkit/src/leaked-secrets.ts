/**
 * No log may hold a secret: what Fairlead's programs print under test is searched for every secret that the tests made, and for
 * whatever looks like a token of Fairlead. A set-up file of the test runner calls {@link failOnLeakedSecrets} after every test.
 */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";

/** `fl_`, `fla_` and the like, with at least 128 bits of base64url or hex. */
const TOKEN = /\bfl[a-z]?_[A-Za-z0-9_-]{22,}/;

/** What is meant to be read once by the person who started the program. */
const SHOWN_ONCE = /\bshown this once\b/i;

/** A shorter one could be a word of any text. */
const MIN_SECRET_LENGTH = 12;

/** A failing program may say the same again and again; this many are enough to know. */
const MAX_LEAKS = 20;

const secrets = new Set<string>();
const leaks = new Set<string>();

/** Makes sure that no program of Fairlead prints this. Gives it back. */
export function registerSecret(secret: string): string {
  if (secret.length >= MIN_SECRET_LENGTH) secrets.add(secret);
  return secret;
}

/** A random secret that no program may print. */
export function newSecret(prefix = "s3cr3t"): string {
  return registerSecret(prefix + randomBytes(16).toString("hex"));
}

/** Looks for secrets in what a program printed. @param source for the failure's message. */
export function searchForSecrets(source: string, line: string): void {
  if (SHOWN_ONCE.test(line) || leaks.size >= MAX_LEAKS) return;
  const found = TOKEN.exec(line)?.[0] ?? [...secrets].find((secret) => line.includes(secret));
  if (found !== undefined) leaks.add(`${source}: ${line.replaceAll(found, `[${found.slice(0, 4)}… is a secret]`)}`);
}

/** The same of many lines. */
export function searchLines(source: string, text: string): void {
  for (const line of text.split("\n")) searchForSecrets(source, line);
}

/** True for our own executables: only what they print is ours to keep clean. */
export function isFairlead(command: string): boolean {
  return basename(command) === "fairlead";
}

/** The lines with secrets that were found since the last time. */
export function takeLeaks(): string[] {
  const found = [...leaks];
  leaks.clear();
  return found;
}

/** @throws Error with the lines, when there are some. */
export function failOnLeakedSecrets(): void {
  const found = takeLeaks();
  if (found.length > 0) throw new Error(`Secrets were printed:\n${found.join("\n")}`);
}

/** Watches what this process itself writes to standard error, as the logs of hubs do that run inside a test. Once. */
export function watchOwnLog(): void {
  if (isWatching) return;
  isWatching = true;
  const write = fs.writeSync;
  const STDERR = 2;
  const watched = (fd: number, data: string | NodeJS.ArrayBufferView, ...rest: never[]): number => {
    if (fd === STDERR) searchForSecrets("this process", text(data));
    return write(fd, data as string, ...rest);
  };
  fs.writeSync = watched as typeof fs.writeSync;
  syncBuiltinESMExports();
}

let isWatching = false;

function text(data: string | NodeJS.ArrayBufferView): string {
  return typeof data === "string" ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
}
