import { shortId } from "../../ui/format.ts";

/** An image's name where there is little room: without the registry's host, and without the rest of a digest. */
export function shortImage(image: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(image)) return shortId(image);
  const [first = "", ...rest] = image.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return (isHost ? rest.join("/") : image).replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1");
}
