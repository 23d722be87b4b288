import { FairleadError } from "@fairlead/protocol";
import { dockerCall } from "../../docker/call.ts";

/** Where the browser cannot write to a file as bytes come, all of them are held first; more than this most machines cannot. */
const MAX_HELD_BYTES = 2 * 1024 ** 3;

/** A file that the person chose, where the browser has such. */
interface FileTarget {
  createWritable(): Promise<WritableStream<Uint8Array>>;
}
type ChooseFile = (options: { suggestedName: string }) => Promise<FileTarget>;

/** Letters that no file system minds. */
export function fileNameOf(image: string): string {
  return `${image.replaceAll(/[^\w.-]+/g, "_").replaceAll(/^[_.]+|_+$/g, "") || "image"}.tar`;
}

/**
 * Saves images of a host to a file of the person's choice.
 * @param names tags or ids.
 * @param tell how many bytes came.
 * @returns false when the person chose no file.
 */
export async function saveImage(
  environmentId: number,
  names: readonly string[],
  fileName: string,
  signal: AbortSignal,
  tell: (bytes: number) => void,
): Promise<boolean> {
  // Before anything is awaited: browsers ask for a file only right after a click.
  const target = await chooseFile(fileName);
  if (target === "none") return false;
  const query = new URLSearchParams(names.map((name) => ["names", name]));
  const response = await dockerCall(environmentId, `/images/get?${query.toString()}`, { signal });
  if (response.body === null) throw new FairleadError("engine_error", "The engine's answer is empty.");
  let bytes = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (target === undefined && bytes > MAX_HELD_BYTES)
          throw new FairleadError(
            "payload_too_large",
            "The image is over 2 GiB, which this browser cannot hold. Use one that saves as it loads (Chrome, Edge, over https), or docker save.",
          );
        tell(bytes);
        controller.enqueue(chunk);
      },
    }),
  );
  if (target !== undefined) {
    await counted.pipeTo(await target.createWritable(), { signal });
    return true;
  }
  const url = URL.createObjectURL(await new Response(counted).blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return true;
}

async function chooseFile(suggestedName: string): Promise<FileTarget | "none" | undefined> {
  const choose = (globalThis as { showSaveFilePicker?: ChooseFile }).showSaveFilePicker;
  if (choose === undefined) return undefined;
  try {
    return await choose({ suggestedName });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return "none";
    return undefined;
  }
}
