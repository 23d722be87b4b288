import qrcode from "qrcode-generator";

/** Of a size that a phone reads from a screen, with the quiet zone that the standard wants. */
const CELL_PX = 5;
const QUIET_ZONE_CELLS = 4;

/** The QR code of a text as a `data:` URL that an `img` shows. */
export function qrPicture(text: string): string {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const svg = code.createSvgTag({ cellSize: CELL_PX, margin: CELL_PX * QUIET_ZONE_CELLS, scalable: true });
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
}
