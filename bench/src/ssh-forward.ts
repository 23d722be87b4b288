import { once } from "node:events";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { runCommand, startProgram, tempDir } from "@fairlead/testkit";
import { engineTarget, type Target } from "./target.ts";

/** A local socket that `ssh -L` forwards to a remote one, through a private sshd on loopback. */
export interface SshForward extends AsyncDisposable {
  readonly target: Target;
  /** Both ends: the ssh client, and the sshd whose child serves it. */
  readonly pids: readonly number[];
}

/** Debian's: sshd wants its absolute path, and this folder. */
const SSHD = "/usr/sbin/sshd";
const SEPARATION_FOLDER = "/run/sshd";

/** Forwards a local socket to `socketPath` as a person would, with the defaults of Debian's OpenSSH. */
export async function openSshForward(socketPath: string): Promise<SshForward> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await tempDir());
  const path = (name: string): string => join(folder.path, name);
  await makeKey(path("host-key"));
  await makeKey(path("user-key"));
  const port = await freePort();
  const hostKey = await readFile(path("host-key.pub"), "utf8");
  await writeFile(path("known-hosts"), `[127.0.0.1]:${port} ${hostKey}`);
  await writeFile(path("sshd-config"), sshdConfig(path, port));
  await mkdir(SEPARATION_FOLDER, { recursive: true });

  const sshd = stack.use(
    await startProgram(SSHD, ["-D", "-e", "-f", path("sshd-config")], { readyPattern: /listening on/ }),
  );
  const local = path("docker.sock");
  const ssh = stack.use(
    await startProgram("ssh", clientArguments(path, port, `${local}:${socketPath}`), { ready: () => exists(local) }),
  );
  const started = stack.move();
  return {
    target: engineTarget("ssh", { socketPath: local }),
    pids: [ssh.pid, sshd.pid],
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

function sshdConfig(path: (name: string) => string, port: number): string {
  const lines = [
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    `HostKey ${path("host-key")}`,
    `AuthorizedKeysFile ${path("user-key.pub")}`,
    "PidFile none",
    "UsePAM no",
    // The key's folder is below a world-writable one.
    "StrictModes no",
    "PasswordAuthentication no",
  ];
  return `${lines.join("\n")}\n`;
}

function clientArguments(path: (name: string) => string, port: number, forward: string): string[] {
  const options = [
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "BatchMode=yes",
    "ExitOnForwardFailure=yes",
    `UserKnownHostsFile=${path("known-hosts")}`,
  ];
  return [
    ...["-F", "/dev/null", "-N", "-L", forward, "-p", String(port), "-i", path("user-key")],
    ...options.flatMap((option) => ["-o", option]),
    `${userInfo().username}@127.0.0.1`,
  ];
}

async function makeKey(path: string): Promise<void> {
  const { code, stderr } = await runCommand("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
  if (code !== 0) throw new Error(`ssh-keygen: ${stderr.toString()}`);
}

/** sshd cannot choose one itself and say which. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
