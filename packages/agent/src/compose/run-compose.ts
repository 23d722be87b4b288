import { dirname, join, relative } from "node:path";
import { FairleadError, isFairleadError, toFairleadError } from "@fairlead/protocol";
import type { EngineAddress } from "../config.ts";
import type { Log } from "../log.ts";
import type { GuardedEngine } from "../streams/serve-streams.ts";
import type { PrivateFiles } from "./checked-env-file.ts";
import { composeCommands } from "./compose-arguments.ts";
import { type ComposeEnvironment, composeEnvironment } from "./compose-environment.ts";
import { type ProcessEnd, runProcess } from "./compose-process.ts";
import { findCompose } from "./compose-program.ts";
import { type ComposeRequest, composeInvalid, parseComposeRequest } from "./compose-request.ts";
import { OutputTail } from "./output-tail.ts";
import { ProjectFolder } from "./project-folder.ts";
import { ProjectQueue } from "./project-queue.ts";

export { composeAvailable } from "./compose-program.ts";

/** What an operation runs with. */
export interface ComposeContext {
  stacksDir: string;
  /** Milliseconds until the operation is ended (`COMPOSE_TIMEOUT`). */
  timeoutMs: number;
  engine: EngineAddress;
  /** A policy, and the engine it guards: compose gets to that by a socket of its own, under the policy. Undefined: no policy. */
  guarded?: GuardedEngine | undefined;
  /** Ends the operation. */
  signal?: AbortSignal;
  /** Takes output line by line while it comes, when the request asks for it (`streamOutput`). */
  onOutput?(chunk: string): void;
  log: Log;
}

/** What became of an operation: the body of its answer. */
export interface ComposeResult {
  success: boolean;
  /** What compose printed, standard output and error in the order they came; of `ps` standard output only. The last 4 MiB. */
  output: string;
  /** Why it did not succeed. */
  error?: string;
  /** Of compose. 125: compose was not run; 124: it was ended by the timeout; 130: it was cancelled. */
  exitCode: number;
  /** Of `filesToDelete`: those that are gone. Absent when the request names none. */
  deletedFiles?: string[];
  /** Of `filesToDelete`: those that are still there because they have another content. */
  skippedFiles?: string[];
}

/** The exit codes of timeout(1), of a shell after Ctrl-C, and of `docker run` when it did not get to run anything. */
const EXIT_TIMEOUT = 124;
const EXIT_CANCELLED = 130;
const EXIT_NOT_RUN = 125;

/** Of the output that stands in `error`: the last lines say what went wrong. */
const MAX_ERROR_CHARS = 2_000;

/** Compose 2.26 clears the terminal's line before each line of `logs`, whatever it is told about terminals. */
const CLEAR_LINE = "\u001b[2K";

/** What compose makes of its files, to be looked at where there is a policy. Services of every profile can be started by name. */
const CONFIG = ["--profile", "*", "config", "--format", "json"];

/** A file with hundreds of services is below; what is cut is no JSON, and refused. */
const MAX_CONFIG_CHARS = 16 * 1024 * 1024;

/** Operations that do nothing with what stands in the files. */
const READS_ONLY = new Set(["ps", "logs"]);

/** Of `.env`, where there is a policy. */
const MAX_ENV_FILE_BYTES = 1024 * 1024;

const queue = new ProjectQueue();

/**
 * Runs a compose operation (`POST /_hawser/compose`). Operations on one project run one after the other.
 *
 * Never rejects. Status 200: compose succeeded; 400: the request is wrong, `error` names the field; 403: this host's policy does not allow
 * it; 500: anything else.
 *
 * @param body JSON value of the request; its fields are those of {@link ComposeRequest}, with `serviceName` for a single service
 */
export async function runCompose(
  body: unknown,
  context: ComposeContext,
): Promise<{ status: 200 | 400 | 403 | 500; result: ComposeResult }> {
  try {
    const request = parseComposeRequest(body);
    context.guarded?.policy.judgeCompose({ operation: request.operation, changesFiles: changesFiles(request) });
    const commands = composeCommands(request);
    const folder = new ProjectFolder(context.stacksDir, request.projectName, request.workDir);
    // Under a policy one after the other: what was checked could include files of another project, and that write them in between.
    const key = context.guarded ? "all under a policy" : `${context.stacksDir}/${request.projectName}`;
    const result = await queue.run(key, () => runInProject(request, commands, folder, context), context.signal);
    return { status: result.success ? 200 : 500, result };
  } catch (error) {
    const failure = toFairleadError(error, "compose_failed");
    if (!isFairleadError(error)) context.log.warn("a compose operation failed", { error: failure.message });
    const exitCode = failure.code === "cancelled" ? EXIT_CANCELLED : EXIT_NOT_RUN;
    const status = failure.code === "compose_invalid" ? 400 : failure.code === "policy_refused" ? 403 : 500;
    return { status, result: { success: false, output: "", error: failure.message, exitCode } };
  }
}

async function runInProject(
  request: ComposeRequest,
  commands: readonly string[][],
  folder: ProjectFolder,
  context: ComposeContext,
): Promise<ComposeResult> {
  const deletions = await deleteFiles(request, folder);
  await writeFiles(request, folder);
  // Loaded only where there is a policy.
  const gate =
    context.guarded && (await (await import("./engine-gate.ts")).openEngineGate(context.guarded, context.log));
  try {
    return await runUnderGate(
      request,
      commands,
      folder,
      { ...context, engine: gate?.address ?? context.engine },
      deletions,
      gate?.folder,
    );
  } finally {
    await gate?.close();
  }
}

async function runUnderGate(
  request: ComposeRequest,
  commands: readonly string[][],
  folder: ProjectFolder,
  context: ComposeContext,
  deletions: Pick<ComposeResult, "deletedFiles" | "skippedFiles">,
  gateFolder: string | undefined,
): Promise<ComposeResult> {
  const files = await composeFiles(request, folder);
  const own = await guardedFiles(request, folder, files, context, gateFolder);
  const environment = await composeEnvironment(request, context.engine);
  Object.assign(environment.env, own.env);
  try {
    const { operation, projectName } = request;
    const started = performance.now();
    const result = await runCommands(request, commands, {
      files,
      folder,
      environment,
      args: own.args,
      context,
    });
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    context.log.info("compose operation", { operation, project: projectName, exitCode: result.exitCode, seconds });
    if (result.success && request.removeFiles && operation === "down") await folder.remove();
    return { ...result, ...deletions };
  } finally {
    await environment.remove();
  }
}

/** What compose gets in place of the project's `.env`. Nothing is changed without a policy. */
async function guardedFiles(
  { operation, envVars }: ComposeRequest,
  folder: ProjectFolder,
  files: readonly string[],
  { guarded }: ComposeContext,
  gateFolder: string | undefined,
): Promise<PrivateFiles> {
  if (guarded === undefined || gateFolder === undefined) return { args: [], env: {} };
  const { privateFiles } = await import("./checked-env-file.ts");
  const { NO_REMOTE_FILES } = await import("./refuse-host-access.ts");
  // Compose takes the one beside the first file, and without a file none of the project.
  const [first] = files;
  const path = first === undefined ? undefined : join(relative(folder.path, dirname(first)), ".env");
  const dotEnv = path === undefined ? undefined : await folder.read(".env", path, MAX_ENV_FILE_BYTES);
  const own = await privateFiles(guarded.policy.name, operation, envVars.keys(), dotEnv, gateFolder);
  return { args: own.args, env: { ...own.env, ...NO_REMOTE_FILES } };
}

function changesFiles({ files, composeFile, filesToDelete, removeFiles }: ComposeRequest): boolean {
  return files.size > 0 || composeFile !== undefined || filesToDelete.length > 0 || removeFiles;
}

async function deleteFiles(
  { filesToDelete }: ComposeRequest,
  folder: ProjectFolder,
): Promise<Pick<ComposeResult, "deletedFiles" | "skippedFiles">> {
  if (filesToDelete.length === 0) return {};
  const deletedFiles: string[] = [];
  const skippedFiles: string[] = [];
  for (const [index, { path, sha256 }] of filesToDelete.entries()) {
    const isGone = await folder.deleteIfUnchanged(`filesToDelete[${index}].path`, path, sha256);
    (isGone ? deletedFiles : skippedFiles).push(path);
  }
  return { deletedFiles, skippedFiles };
}

async function writeFiles(request: ComposeRequest, folder: ProjectFolder): Promise<void> {
  for (const [path, bytes] of request.files) await folder.write(`files[${JSON.stringify(path)}]`, path, bytes);
  if (request.composeFile === undefined) return;
  const name = request.composeFileName ?? (await folder.findComposeFile()) ?? "docker-compose.yml";
  await folder.write("composeFileName", name, Buffer.from(request.composeFile));
}

/** Paths of the compose files, or none: operations on what runs already find it by the project's name. */
async function composeFiles(request: ComposeRequest, folder: ProjectFolder): Promise<string[]> {
  const named = request.composeFileName;
  if (named !== undefined && !(await folder.has(named))) {
    throw composeInvalid("composeFileName", `is ${JSON.stringify(named)}, which is not a file in ${folder.path}`);
  }
  const name = named ?? (await folder.findComposeFile());
  if (name === undefined) {
    if (request.operation !== "up" && request.operation !== "pull") return [];
    throw composeInvalid("composeFile", `is missing, and there is no compose file in ${folder.path}`);
  }
  const override = await folder.findOverride(name);
  return [name, ...(override === undefined ? [] : [override])].map((file) => `${folder.path}/${file}`);
}

interface Run {
  files: readonly string[];
  folder: ProjectFolder;
  environment: ComposeEnvironment;
  /** More global options. */
  args: readonly string[];
  context: ComposeContext;
}

async function runCommands(
  request: ComposeRequest,
  commands: readonly string[][],
  { files, folder, environment, args, context }: Run,
): Promise<ComposeResult> {
  const { env } = environment;
  const [program, ...first] = await findCompose();
  const global = ["--ansi", "never", "-p", request.projectName, ...args, ...files.flatMap((file) => ["-f", file])];
  const output = new OutputTail();
  const errors = new OutputTail(MAX_ERROR_CHARS);
  const deadline = performance.now() + context.timeoutMs;
  let end: ProcessEnd = { exitCode: EXIT_NOT_RUN };
  const check = context.guarded && files.length > 0 && !READS_ONLY.has(request.operation) ? [CONFIG] : [];
  let config = "";
  for (const command of [...check, ...commands]) {
    end = await runProcess(program, [...first, ...global, ...command], {
      // Without a file compose looks for one in its folder and all above it.
      cwd: files.length === 0 ? "/" : folder.path,
      env,
      timeoutMs: Math.max(1, deadline - performance.now()),
      signal: context.signal,
      onLine: (printed, source) => {
        if (command === CONFIG && source === "stdout") {
          if (config.length < MAX_CONFIG_CHARS) config += printed;
          return;
        }
        const line = printed.startsWith(CLEAR_LINE) ? printed.slice(CLEAR_LINE.length) : printed;
        // Programs read what `ps` prints: a warning in between would break it.
        if (request.operation !== "ps" || source === "stdout") output.add(line);
        if (source === "stderr") errors.add(line);
        if (request.streamOutput) context.onOutput?.(line);
      },
    }).catch((error: unknown) => {
      throw new FairleadError("compose_failed", `${program} cannot be started: ${(error as Error).message}`);
    });
    if (end.exitCode !== 0 || end.stopped !== undefined) break;
    if (command === CONFIG) {
      const { refuseHostAccess } = await import("./refuse-host-access.ts");
      refuseHostAccess(context.guarded?.policy.name ?? "", request.operation, config, folder.path);
    }
  }
  return toResult(request, end, output.toString(), errors.toString(), context);
}

function toResult(
  { operation, projectName }: ComposeRequest,
  { exitCode, stopped }: ProcessEnd,
  output: string,
  errors: string,
  context: ComposeContext,
): ComposeResult {
  if (stopped === "timeout") {
    const error = `compose ${operation} of ${projectName} was ended after ${context.timeoutMs / 1000} s (COMPOSE_TIMEOUT)`;
    return { success: false, output, error, exitCode: EXIT_TIMEOUT };
  }
  if (stopped === "cancelled") {
    return {
      success: false,
      output,
      error: `compose ${operation} of ${projectName} was cancelled`,
      exitCode: EXIT_CANCELLED,
    };
  }
  if (exitCode === 0) return { success: true, output, exitCode };
  const reason = errors.trim().slice(-MAX_ERROR_CHARS) || "it printed no reason";
  return { success: false, output, error: `compose ${operation} exited with ${exitCode}: ${reason}`, exitCode };
}
