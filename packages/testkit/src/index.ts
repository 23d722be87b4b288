export { busyboxRootTar } from "./busybox-image.ts";
export { type Dockerd, type DockerdOptions, startDockerd } from "./dockerd.ts";
export { type RunOptions, type RunResult, runCommand } from "./run-command.ts";
export { type TempDir, tempDir } from "./temp-dir.ts";
export { waitFor, type WaitForOptions } from "./wait-for.ts";
