export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
  /** By its name: stays hidden when all others are shown. */
  readonly secret: boolean;
}

const SECRET =
  /pass(word|wd|phrase)?|secret|token|credential|private|auth|cookie|salt|dsn|(^|_)(api)?key(s|_|$)|(^|_)pw(d|_|$)/i;
/** A user and password within an address: `postgres://app:hunter2@db`. */
const ADDRESS_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:[^\s/@]+@/i;

/** `NAME=value` lines, with which of them look like secrets. */
export function environmentVariables(lines: readonly string[]): readonly EnvironmentVariable[] {
  return lines.map((line) => {
    const at = line.indexOf("=");
    const name = at === -1 ? line : line.slice(0, at);
    const value = at === -1 ? "" : line.slice(at + 1);
    return { name, value, secret: SECRET.test(name) || ADDRESS_WITH_PASSWORD.test(value) };
  });
}
