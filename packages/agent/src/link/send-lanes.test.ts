import { newExecOutputMessage, newPongMessage, newStreamMessage } from "@fairlead/protocol";
import { describe, expect, test } from "vitest";
import { BULK_BACKLOG_BYTES, INTERACTIVE_BACKLOG_BYTES, SendLanes } from "./send-lanes.ts";

/** A socket that writes when told to. */
class SlowSink {
  readonly sent: string[] = [];
  bufferedAmount = 0;
  #written: (() => void)[] = [];

  send(text: string, written: () => void): void {
    this.sent.push(/"type":"(\w+)".*"(?:requestId|execId)":"(\w*)"/.exec(text)?.slice(1).join(" ") ?? text);
    this.bufferedAmount += text.length;
    const bytes = text.length;
    this.#written.push(() => {
      this.bufferedAmount -= bytes;
      written();
    });
  }

  /** The network takes the oldest message. */
  write(): void {
    this.#written.shift()?.();
  }
}

const piece = (id: string, bytes = 64 * 1024) => newStreamMessage(id, new Uint8Array(bytes));
const output = (id: string, bytes = 64 * 1024) => newExecOutputMessage(id, new Uint8Array(bytes));

describe("SendLanes", () => {
  test("bulk waits at its limit, terminal output passes, and pongs always", () => {
    const sink = new SlowSink();
    const lanes = new SendLanes(sink);
    while (lanes.post("bulk", piece("a")) === undefined);
    expect(sink.bufferedAmount).toBeGreaterThanOrEqual(BULK_BACKLOG_BYTES);
    expect(sink.bufferedAmount).toBeLessThan(BULK_BACKLOG_BYTES + 100 * 1024);
    expect(lanes.post("interactive", output("e"))).toBeUndefined();
    while (lanes.post("interactive", output("e")) === undefined);
    expect(sink.bufferedAmount).toBeLessThan(INTERACTIVE_BACKLOG_BYTES + 100 * 1024);
    const before = sink.sent.length;
    lanes.sendNow(newPongMessage(1));
    expect(sink.sent).toHaveLength(before + 1);
  });

  test("senders of a lane take turns; each keeps its order", async () => {
    const sink = new SlowSink();
    const lanes = new SendLanes(sink);
    while (lanes.post("bulk", piece("first")) === undefined);
    const after = sink.sent.length;
    const done = ["a", "b", "c"].map(async (id) => {
      for (let index = 0; index < 3; index += 1) await lanes.post("bulk", piece(`${id}${index}`));
    });
    const state = { isDone: false };
    const all = Promise.all(done).then(() => (state.isDone = true));
    while (!state.isDone) {
      sink.write();
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    await all;
    const order = sink.sent.slice(after).filter((text) => /[abc]\d$/.test(text));
    expect(order).toEqual(["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"].map((id) => `stream ${id}`));
  });

  test("a closed connection lets go of what waits", async () => {
    const sink = new SlowSink();
    const lanes = new SendLanes(sink);
    let waiting: Promise<void> | undefined;
    while (waiting === undefined) waiting = lanes.post("bulk", piece("a"));
    const count = sink.sent.length;
    lanes.close();
    await waiting;
    expect(lanes.post("bulk", piece("b"))).toBeUndefined();
    lanes.sendNow(newPongMessage(1));
    sink.write();
    expect(sink.sent).toHaveLength(count);
  });

  test("text that was kept is sent as it is", () => {
    const sink = new SlowSink();
    new SendLanes(sink).sendNow("kept");
    expect(sink.sent).toEqual(["kept"]);
  });
});
