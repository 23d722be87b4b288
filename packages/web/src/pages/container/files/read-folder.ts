import { FairleadError } from "@fairlead/protocol";
import { dockerCall, dockerJson } from "../../../docker/call.ts";
import { openArchive, type PathStat, statPath } from "../../../docker/container-archive.ts";
import { streamPieces } from "../../../docker/stream-pieces.ts";
import { demultiplex } from "./demultiplex.ts";
import { type FolderListing, LIST_LIMITS, listFolder } from "./list-folder.ts";
import { LS_COMMAND, parseLs } from "./parse-ls.ts";

/** What a path is, with what is in it when it is a folder. */
export type PathContent =
  | { readonly type: "folder"; readonly path: string; readonly listing: FolderListing }
  | { readonly type: "file" | "other"; readonly path: string; readonly stat: PathStat };

/** How a folder is listed: by its archive, or by `ls` in the container. */
export type ListBy = "archive" | "ls";

/** Of what `ls` writes: some ten thousand entries. */
const MAX_LS_BYTES = 2 * 1024 * 1024;

/** Looks at a path, through links. @throws FairleadError not_found, and what the engine says. */
export async function readPath(
  environmentId: number,
  id: string,
  path: string,
  by: ListBy,
  signal: AbortSignal,
): Promise<PathContent> {
  let at = path;
  let stat = await statPath(environmentId, id, at, signal);
  if (stat.type === "symlink") {
    if (stat.linkTarget === "") throw new FairleadError("not_found", `${path} is a link that leads nowhere.`);
    at = stat.linkTarget;
    stat = await statPath(environmentId, id, at, signal);
  }
  if (stat.type !== "folder") return { type: stat.type === "file" ? "file" : "other", path: at, stat };
  const listing =
    by === "ls" ? await listByLs(environmentId, id, at, signal) : await listByArchive(environmentId, id, at, signal);
  return { type: "folder", path: at, listing };
}

async function listByArchive(
  environmentId: number,
  id: string,
  path: string,
  signal: AbortSignal,
): Promise<FolderListing> {
  const pieces = streamPieces(await openArchive(environmentId, id, path, signal), LIST_LIMITS.milliseconds + 100);
  try {
    return await listFolder(pieces);
  } finally {
    await pieces.return(undefined);
  }
}

/** Needs a running container that has `ls`, and the permission to run commands in it. */
async function listByLs(environmentId: number, id: string, path: string, signal: AbortSignal): Promise<FolderListing> {
  const Cmd = [...LS_COMMAND, "--", path === "/" ? "/" : `${path}/`];
  const { Id } = await dockerJson<{ readonly Id: string }>(
    environmentId,
    `/containers/${encodeURIComponent(id)}/exec`,
    {
      method: "POST",
      json: { AttachStdout: true, AttachStderr: true, Cmd, Env: ["LC_ALL=C.UTF-8"] },
      signal,
    },
  );
  const response = await dockerCall(environmentId, `/exec/${Id}/start`, {
    method: "POST",
    json: { Detach: false, Tty: false },
    signal,
  });
  const pieces = streamPieces(response);
  try {
    const { stdout, stderr, truncated } = await demultiplex(pieces, MAX_LS_BYTES);
    const entries = parseLs(stdout);
    if (entries.length === 0 && !/^total /m.test(stdout))
      throw new FairleadError(
        "bad_request",
        `ls in the container said: ${(stderr || stdout).trim().slice(0, 300) || "nothing"}`,
      );
    return { entries, complete: !truncated, readBytes: stdout.length };
  } finally {
    await pieces.return(undefined);
  }
}
