/** A line of what the engine says while it pulls, loads or pushes. */
export interface ProgressMessage {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number; readonly units?: string } | null;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string } | null;
  /** What a load says instead of a status. */
  readonly stream?: string;
}

export type LayerPhase = "waiting" | "downloading" | "downloaded" | "extracting" | "done" | "exists";

export interface LayerProgress {
  readonly id: string;
  readonly phase: LayerPhase;
  /** The engine's own word for it. */
  readonly status: string;
  readonly current?: number;
  readonly total?: number;
  /** Bytes to download, as far as they are known; how much it counts in the whole. */
  readonly bytes?: number;
  /** 0 to 1; never less than before. */
  readonly fraction: number;
}

export interface PullProgress {
  readonly layers: ReadonlyMap<string, LayerProgress>;
  /** The engine's last words that are of no layer: digest and result. */
  readonly notes: readonly string[];
  /** Why it failed: an answer that began with 200 tells it at its end. */
  readonly error?: string;
}

export const NO_PROGRESS: PullProgress = { layers: new Map(), notes: [] };

/** An image has at most 127 layers; a pull that tells of more than this many tells of something else. */
const MAX_LAYERS = 512;
/** Only the last words count. */
const MAX_NOTES = 20;

const PHASES: readonly (readonly [RegExp, LayerPhase])[] = [
  [/^already exists|^layer already exists/i, "exists"],
  [/^(pull|push) complete|^pushed|^loaded/i, "done"],
  [/^extracting|^loading layer/i, "extracting"],
  [/^download complete|^verifying checksum/i, "downloaded"],
  [/^downloading|^pushing/i, "downloading"],
  [/^pulling fs layer|^waiting|^preparing|^retrying/i, "waiting"],
];

/** Downloading is the first half of a layer, unpacking the second. */
const HALF = 0.5;

/** The progress with one more message. Words that it does not know change nothing but the status. */
export function applyProgress(progress: PullProgress, message: ProgressMessage): PullProgress {
  const error = message.errorDetail?.message ?? message.error;
  if (error !== undefined) return { ...progress, error };
  const { status, id, stream } = message;
  const phase = id === undefined ? undefined : PHASES.find(([words]) => words.test(status ?? ""))?.[1];
  const before = id === undefined ? undefined : progress.layers.get(id);
  if (id === undefined || (phase === undefined && before === undefined)) {
    const note = (stream ?? status ?? "").trim();
    // "Pulling from library/nginx" has the tag as its id, and says nothing that is not known.
    return note === "" || id !== undefined
      ? progress
      : { ...progress, notes: [...progress.notes, note].slice(-MAX_NOTES) };
  }
  if (before === undefined && progress.layers.size >= MAX_LAYERS) return progress;
  const layers = new Map(progress.layers);
  layers.set(id, nextLayer(id, before, phase ?? before?.phase ?? "waiting", message));
  return { ...progress, layers };
}

function nextLayer(
  id: string,
  before: LayerProgress | undefined,
  phase: LayerPhase,
  { status = "", progressDetail }: ProgressMessage,
): LayerProgress {
  // Some engines count the seconds of unpacking.
  const inBytes = progressDetail?.units === undefined || progressDetail.units === "";
  const current = inBytes ? progressDetail?.current : undefined;
  const total = inBytes ? progressDetail?.total : undefined;
  const share = current !== undefined && total !== undefined && total > 0 ? Math.min(1, current / total) : 0;
  const fraction = {
    waiting: 0,
    downloading: HALF * share,
    downloaded: HALF,
    extracting: HALF + HALF * share,
    done: 1,
    exists: 1,
  };
  const bytes = phase === "downloading" && total !== undefined ? total : before?.bytes;
  return {
    id,
    phase,
    status,
    ...(current === undefined ? {} : { current }),
    ...(total === undefined ? {} : { total }),
    ...(bytes === undefined ? {} : { bytes }),
    fraction: Math.max(before?.fraction ?? 0, fraction[phase]),
  };
}

export interface PullTotal {
  /** 0 to 100; undefined while no layer is known. */
  readonly percent: number | undefined;
  readonly done: number;
  readonly layers: number;
  /** Downloaded and to download, of the layers whose size is known. */
  readonly currentBytes: number;
  readonly totalBytes: number;
}

/** All layers as one figure, weighed by what is to be downloaded; a layer of unknown size counts as the average one. */
export function totalProgress({ layers }: PullProgress): PullTotal {
  const list = [...layers.values()];
  const sized = list.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes]));
  const totalBytes = sized.reduce((sum, bytes) => sum + bytes, 0);
  const average = totalBytes === 0 ? 1 : totalBytes / sized.length;
  let weights = 0;
  let reached = 0;
  let currentBytes = 0;
  for (const { bytes, fraction, phase, current } of list) {
    // What was there already costs nothing, and must not hide what is still to come.
    const weight = phase === "exists" && totalBytes > 0 ? 0 : (bytes ?? average);
    weights += weight;
    reached += weight * fraction;
    if (bytes !== undefined)
      currentBytes += phase === "downloading" ? Math.min(bytes, current ?? 0) : phase === "waiting" ? 0 : bytes;
  }
  return {
    percent: list.length === 0 ? undefined : weights === 0 ? 100 : (100 * reached) / weights,
    done: list.filter(({ fraction }) => fraction === 1).length,
    layers: list.length,
    currentBytes,
    totalBytes,
  };
}
