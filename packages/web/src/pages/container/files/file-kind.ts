/** What a file can be shown as. */
export type FileKind =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "image"; readonly mime: string }
  | { readonly kind: "binary" };

/** Texts above this are slow to show and nobody reads them whole. */
export const MAX_TEXT_BYTES = 1024 * 1024;
/** Pictures above this are not for a look in passing. */
export const MAX_IMAGE_BYTES = 8 * 1024 * 1024;

const IMAGES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  ico: "image/x-icon",
  svg: "image/svg+xml",
};

/** By its name; undefined for what is no picture that browsers show. */
export function imageType(name: string): string | undefined {
  const [, extension = ""] = /\.([^.]+)$/.exec(name.toLowerCase()) ?? [];
  return IMAGES[extension];
}

/** Bytes are text when they are UTF-8 without the characters that no text has. */
export function fileKind(name: string, bytes: Uint8Array): FileKind {
  const mime = imageType(name);
  if (mime !== undefined) return { kind: "image", mime };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // oxlint-disable-next-line no-control-regex -- Those are what it looks for.
    return /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? { kind: "binary" } : { kind: "text", text };
  } catch {
    return { kind: "binary" };
  }
}
