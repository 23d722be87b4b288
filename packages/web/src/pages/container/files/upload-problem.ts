import { formatBytes } from "../../../ui/format.ts";

/** A body goes to the host in one piece, and an agent of protocol 1.0 holds it whole; what is larger goes by `docker cp`. */
export const MAX_UPLOAD_BYTES = 1024 ** 3;
/** Each is a call of its own. */
export const MAX_UPLOAD_FILES = 500;

/** Why these files cannot be uploaded; undefined when they can. */
export function uploadProblem(files: readonly { readonly name: string; readonly size: number }[]): string | undefined {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_UPLOAD_BYTES)
    return `These are ${formatBytes(bytes)}; the page uploads up to ${formatBytes(MAX_UPLOAD_BYTES)} at once. Use docker cp.`;
  if (files.length > MAX_UPLOAD_FILES)
    return `These are ${files.length} files; the page uploads up to ${MAX_UPLOAD_FILES} at once. Use docker cp.`;
  const names = files.map(({ name }) => name);
  const double = names.find((name, index) => names.indexOf(name) !== index);
  return double === undefined ? undefined : `Two of the files are called ${double}.`;
}
