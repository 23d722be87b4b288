/** For tests: a reader of server-sent events over a socket of its own. */
import { type IncomingMessage, request } from "node:http";
import { waitFor } from "@fairlead/testkit";

export interface ServerSentEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

export class StreamReaderFixture {
  readonly events: ServerSentEvent[] = [];
  /** Blocks without data: positions. */
  readonly positions: string[] = [];
  comments = 0;
  ended = false;
  lastEventId: string | undefined;
  readonly response: IncomingMessage;
  #rest = "";

  private constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding("utf8");
    response.on("data", (text: string) => this.#take(text));
    response.on("error", () => {});
    response.on("close", () => (this.ended = true));
  }

  static async open(
    address: string,
    path: string,
    token: string,
    headers: Record<string, string> = {},
  ): Promise<StreamReaderFixture> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const call = request(`${address}${path}`, {
      agent: false,
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
    call.once("response", resolve).once("error", reject).end();
    return new StreamReaderFixture(await promise);
  }

  /** Waits for the position that the hub tells at first: from then on nothing is missed. */
  async ready(): Promise<this> {
    await waitFor(() => this.positions.length > 0, { what: "the stream's first position" });
    return this;
  }

  /** Goes away as a client that crashed. */
  cut(): void {
    this.response.destroy();
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    for (const block of blocks) this.#takeBlock(block);
  }

  #takeBlock(block: string): void {
    const fields: Record<string, string> = {};
    for (const line of block.split("\n")) {
      const [, name = "", value = ""] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
      if (name === "") this.comments += 1;
      else fields[name] = value;
    }
    if (fields["id"] !== undefined) this.lastEventId = fields["id"];
    if (fields["data"] !== undefined) this.events.push(fields);
    else if (fields["id"] !== undefined) this.positions.push(fields["id"]);
  }
}
