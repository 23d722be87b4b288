import { once } from "node:events";
import { formatTable, type Column } from "./table.ts";
import { Style } from "./style.ts";

/** Where a command writes: results to standard output, remarks to standard error. */
export class Output {
  /** True: one JSON document, or one a line for each item. */
  readonly json: boolean;
  readonly style: Style;

  constructor(options: { json?: boolean | undefined } = {}) {
    this.json = options.json ?? false;
    this.style = new Style(process.stdout);
  }

  /** One line of the result. */
  line(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  /** One line of a long result: resolves when the next one may come, so that a slow reader slows us down. */
  writeLine(text: string): Promise<void> {
    return this.write(`${text}\n`);
  }

  /** A part of a long result, as it is. */
  async write(text: string): Promise<void> {
    if (!process.stdout.write(text)) await once(process.stdout, "drain");
  }

  /** One item of a result that comes line by line. */
  jsonLine(item: unknown): void {
    this.line(JSON.stringify(item));
  }

  /** A result of one thing. */
  document(value: unknown, text: () => string): void {
    this.line(this.json ? JSON.stringify(value) : text());
  }

  /** A result of many: a line of JSON each, or a table. */
  list<T>(items: readonly T[], columns: readonly Column<T>[]): void {
    if (!this.json) this.line(formatTable(items, columns));
    else for (const item of items) this.jsonLine(item);
  }

  /** A remark for people, which is not part of the result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}
