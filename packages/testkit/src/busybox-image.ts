import { access, chmod, copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";
import { tempDir } from "./temp-dir.ts";

const BUSYBOX_PATHS = ["/bin/busybox", "/usr/bin/busybox"];

let cached: Promise<Buffer> | undefined;

/**
 * A tar of a small root file system around a static busybox, for `docker import`: `/bin` with every applet, users `root` (0),
 * `user` (1000) and `nobody` (65534), `/tmp`, `/root`, `/home/user`, `/var`. Made once a process.
 *
 * @throws Error when no static busybox is installed.
 */
export function busyboxRootTar(): Promise<Buffer> {
  cached ??= buildRootTar();
  return cached;
}

async function buildRootTar(): Promise<Buffer> {
  const busybox = await findBusybox();
  await using folder = await tempDir();
  const root = folder.path;
  for (const name of ["bin", "etc", "tmp", "root", "home/user", "var/log", "usr"]) {
    await mkdir(join(root, name), { recursive: true });
  }
  await copyFile(busybox, join(root, "bin/busybox"));
  await chmod(join(root, "bin/busybox"), 0o755);
  await chmod(join(root, "tmp"), 0o1777);
  const applets = (await runCommand(busybox, ["--list"])).stdout.toString().split("\n");
  const names = applets.filter((name) => name !== "" && name !== "busybox");
  await Promise.all(names.map((name) => symlink("busybox", join(root, "bin", name))));
  // Programs that name /usr/bin/env or /sbin/ip find them.
  await symlink("bin", join(root, "sbin"));
  await symlink("../bin", join(root, "usr/bin"));
  await writeFile(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  );
  await writeFile(join(root, "etc/group"), "root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n");
  const tar = await runCommand("tar", ["-C", root, "--numeric-owner", "--owner=0", "--group=0", "-c", "."]);
  if (tar.code !== 0) throw new Error(`tar of the busybox root failed: ${tar.stderr.toString()}`);
  return tar.stdout;
}

async function findBusybox(): Promise<string> {
  for (const path of BUSYBOX_PATHS) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    // Debian's package "busybox" needs libraries that the image would not have; ldd fails for a static executable.
    if (found && (await runCommand("ldd", [path])).code !== 0) return path;
  }
  throw new Error(`No static busybox at ${BUSYBOX_PATHS.join(" or ")}: install busybox-static`);
}
