import { describe, expect, test } from "vitest";
import { FairleadError } from "../errors.ts";
import { DATA_FRAME_BYTES, INITIAL_WINDOW_BYTES, MAX_OPEN_STREAMS } from "../limits.ts";
import { encodeUtf8 } from "../utf8.ts";
import { FRAME_HEADER_BYTES, FrameType, writeFrameHeader } from "./frame.ts";
import type { MuxStream } from "./mux-stream.ts";
import { MuxPair } from "./mux-pair.ts";
import { type FramePipe, StreamMux } from "./stream-mux.ts";

const OPEN = { method: "GET", path: "/_ping", headers: [] as [string, string][] };
const OPEN_PAYLOAD = encodeUtf8(JSON.stringify(OPEN));
const OK = encodeUtf8('{"status":200,"headers":[]}');
const CONTINUE = encodeUtf8('{"status":100,"headers":[]}');

/** One end, fed with frames by hand; what it says to its user and to its peer. */
function oneEnd(isHub: boolean) {
  const log: string[] = [];
  const sent: { type: FrameType; id: number; payload: Uint8Array }[] = [];
  const streams: MuxStream[] = [];
  const violations: FairleadError[] = [];
  const pipe: FramePipe = {
    bufferedBytes: 0,
    send(type, id, payload, written) {
      sent.push({ type, id, payload: payload.slice() });
      written?.();
    },
  };
  const follow = (stream: MuxStream): MuxStream => {
    streams.push(stream);
    stream.user = {
      head: ({ status }) => log.push(`${stream.id} head ${status}`),
      data: (bytes) => log.push(`${stream.id} data ${bytes.length}`),
      end: () => log.push(`${stream.id} end`),
      reset: ({ code }) => log.push(`${stream.id} reset ${code}`),
    };
    return stream;
  };
  const mux = new StreamMux({
    now: () => 0,
    pipe,
    onViolation: (error) => violations.push(error),
    ...(isHub ? {} : { onOpen: follow }),
  });
  return {
    mux,
    log,
    sent,
    streams,
    violations,
    open: () => follow(mux.open(OPEN)),
    receive(type: number, id: number, payload: Uint8Array = new Uint8Array(0)) {
      const message = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
      writeFrameHeader(message, 0, type as FrameType, id);
      message.set(payload, FRAME_HEADER_BYTES);
      mux.receive(message, true);
    },
  };
}

type End = ReturnType<typeof oneEnd>;

function hubWithOpen(): End {
  const end = oneEnd(true);
  end.open();
  return end;
}

function agentWithOpen(): End {
  const end = oneEnd(false);
  end.receive(FrameType.Open, 1, OPEN_PAYLOAD);
  return end;
}

describe("a violation ends the connection with bad_frame", () => {
  const data = new Uint8Array(3);
  test.each<[string, () => End, [number, number, Uint8Array?][], string]>([
    ["an id above the last, at the hub", hubWithOpen, [[FrameType.Data, 2, data]], "stream 2 was never opened"],
    ["an id above the last, at the agent", agentWithOpen, [[FrameType.End, 2]], "stream 2 was never opened"],
    ["id 0 at the hub", hubWithOpen, [[FrameType.Head, 0, OK]], "stream 0 was never opened"],
    ["id 0 at the agent", agentWithOpen, [[FrameType.Window, 0, new Uint8Array(4)]], "stream 0 was never opened"],
    ["OPEN of id 0", agentWithOpen, [[FrameType.Open, 0, OPEN_PAYLOAD]], "stream id 0 is not above 1"],
    ["OPEN of an id that was", agentWithOpen, [[FrameType.Open, 1, OPEN_PAYLOAD]], "stream id 1 is not above 1"],
    ["OPEN without a method", agentWithOpen, [[FrameType.Open, 2, OK]], "the JSON of OPEN"],
    ["OPEN at the hub", hubWithOpen, [[FrameType.Open, 2, OPEN_PAYLOAD]], "an agent opens no streams"],
    ["HEAD at the agent", agentWithOpen, [[FrameType.Head, 1, OK]], "a hub sends no HEAD"],
    ["HEAD that is no JSON", hubWithOpen, [[FrameType.Head, 1, data]], "the JSON of HEAD"],
    ["RESET that is no JSON", hubWithOpen, [[FrameType.Reset, 1, data]], "the JSON of RESET"],
    ["DATA before HEAD", hubWithOpen, [[FrameType.Data, 1, data]], "DATA before HEAD"],
    ["END before HEAD", hubWithOpen, [[FrameType.End, 1]], "END before HEAD"],
    [
      "DATA after an interim HEAD",
      hubWithOpen,
      [
        [FrameType.Head, 1, CONTINUE],
        [FrameType.Data, 1, data],
      ],
      "DATA before",
    ],
    [
      "a second HEAD",
      hubWithOpen,
      [
        [FrameType.Head, 1, OK],
        [FrameType.Head, 1, OK],
      ],
      "a second HEAD",
    ],
    [
      "an interim HEAD after HEAD",
      hubWithOpen,
      [
        [FrameType.Head, 1, OK],
        [FrameType.Head, 1, CONTINUE],
      ],
      "a second HEAD",
    ],
    [
      "HEAD after END",
      hubWithOpen,
      [
        [FrameType.Head, 1, OK],
        [FrameType.End, 1],
        [FrameType.Head, 1, OK],
      ],
      "after END",
    ],
    [
      "DATA after END",
      agentWithOpen,
      [
        [FrameType.End, 1],
        [FrameType.Data, 1, data],
      ],
      "DATA after END",
    ],
    [
      "a second END",
      agentWithOpen,
      [
        [FrameType.End, 1],
        [FrameType.End, 1],
      ],
      "a second END",
    ],
    ["no such type", agentWithOpen, [[8, 1]], "there is no frame type 8"],
  ])("%s", (_, start, frames, problem) => {
    const end = start();
    for (const frame of frames) {
      expect(end.violations).toEqual([]);
      end.receive(...frame);
    }
    expect(end.violations.map(({ code }) => code)).toEqual(["bad_frame"]);
    expect(end.violations[0]?.message).toContain(problem);
    // All of it ends, and nothing more is read or sent.
    expect(end.log.at(-1)).toBe("1 reset bad_frame");
    expect([end.mux.openStreams, end.mux.budget.openStreams]).toEqual([0, 0]);
    const { length } = end.sent;
    end.receive(8, 0);
    end.streams[0]?.write(data);
    end.streams[0]?.reset("agent_error", "");
    expect([end.violations.length, end.sent.length]).toEqual([1, length]);
    if (start === hubWithOpen) expect(() => end.mux.open(OPEN)).toThrow(end.violations[0]);
  });
});

test("heads below 200 come before the one that counts, 101 is one that counts", () => {
  const end = hubWithOpen();
  end.receive(FrameType.Head, 1, CONTINUE);
  end.receive(FrameType.Head, 1, encodeUtf8('{"status":103,"headers":[["Link","x"]]}'));
  end.receive(FrameType.Head, 1, encodeUtf8('{"status":101,"headers":[]}'));
  end.receive(FrameType.Data, 1, new Uint8Array(2));
  expect(end.log).toEqual(["1 head 100", "1 head 103", "1 head 101", "1 data 2"]);
  end.receive(FrameType.Head, 1, OK);
  expect(end.violations.length).toBe(1);
});

test("frames about a finished stream are ignored", () => {
  const end = agentWithOpen();
  end.receive(FrameType.Open, 5, OPEN_PAYLOAD);
  end.receive(FrameType.Reset, 1, encodeUtf8('{"code":"no_such_code","message":"m"}'));
  end.streams[1]?.reset("engine_error", "m");
  // 2 to 4 were skipped: they are below the last and not open either.
  for (const id of [1, 2, 5]) {
    end.receive(FrameType.Data, id, new Uint8Array(3));
    end.receive(FrameType.End, id);
    end.receive(FrameType.End, id);
    end.receive(FrameType.Window, id, new Uint8Array(4));
    end.receive(FrameType.Blocked, id);
    end.receive(FrameType.Reset, id, new Uint8Array(1));
  }
  expect(end.violations).toEqual([]);
  expect(end.log).toEqual(["1 reset agent_error"]);
});

test("the stream after the limit is too many, at both ends; when one ends there is room again", () => {
  const hub = oneEnd(true);
  const agent = oneEnd(false);
  for (let id = 1; id <= MAX_OPEN_STREAMS; id += 1) {
    hub.open();
    agent.receive(FrameType.Open, id, OPEN_PAYLOAD);
  }
  expect(() => hub.mux.open(OPEN)).toThrow(expect.objectContaining({ code: "too_many_streams" }) as Error);
  agent.receive(FrameType.Open, MAX_OPEN_STREAMS + 1, OPEN_PAYLOAD);
  expect(agent.streams.length).toBe(MAX_OPEN_STREAMS);
  expect(agent.sent.map(({ type, id }) => [type, id])).toEqual([[FrameType.Reset, MAX_OPEN_STREAMS + 1]]);
  expect(new TextDecoder().decode(agent.sent[0]?.payload)).toContain("too_many_streams");
  expect([agent.mux.openStreams, agent.mux.budget.openStreams]).toEqual([MAX_OPEN_STREAMS, MAX_OPEN_STREAMS]);
  agent.receive(FrameType.Data, MAX_OPEN_STREAMS + 1, new Uint8Array(3));
  expect(agent.violations).toEqual([]);

  hub.streams[0]?.reset("agent_error", "");
  agent.receive(FrameType.Reset, 1, encodeUtf8('{"code":"agent_error","message":""}'));
  hub.open();
  agent.receive(FrameType.Open, MAX_OPEN_STREAMS + 2, OPEN_PAYLOAD);
  expect(agent.streams.length).toBe(MAX_OPEN_STREAMS + 1);
});

test("an end that is overrun resets the stream, alone, with stream_overrun", () => {
  const end = agentWithOpen();
  end.receive(FrameType.Open, 2, OPEN_PAYLOAD);
  end.receive(FrameType.Data, 1, new Uint8Array(INITIAL_WINDOW_BYTES));
  end.receive(FrameType.Data, 1, new Uint8Array(1));
  expect(end.log).toEqual([`1 data ${INITIAL_WINDOW_BYTES}`, "1 reset stream_overrun"]);
  expect(end.sent.map(({ type, id }) => [type, id])).toEqual([[FrameType.Reset, 1]]);
  expect(new TextDecoder().decode(end.sent[0]?.payload)).toContain("stream_overrun");
  expect([end.violations.length, end.mux.openStreams]).toEqual([0, 1]);
});

test("what is consumed after the end is no longer unconsumed", () => {
  const end = agentWithOpen();
  end.receive(FrameType.Data, 1, new Uint8Array(INITIAL_WINDOW_BYTES));
  end.receive(FrameType.End, 1);
  end.streams[0]?.consumed(INITIAL_WINDOW_BYTES);
  expect(end.streams[0]?.unconsumedBytes).toBe(0);
  // And nobody is granted what nobody can use.
  expect(end.sent).toEqual([]);
});

test("a sender without credit says so once for each grant", () => {
  const end = agentWithOpen();
  const blocked = (): number => end.sent.filter(({ type }) => type === FrameType.Blocked).length;
  end.streams[0]?.sendHead({ status: 200, headers: [] });
  end.streams[0]?.write(new Uint8Array(INITIAL_WINDOW_BYTES));
  expect(blocked()).toBe(0);
  end.streams[0]?.write(new Uint8Array(10));
  end.streams[0]?.write(new Uint8Array(10));
  end.streams[0]?.end();
  expect(blocked()).toBe(1);
  end.receive(FrameType.Window, 1, new Uint8Array([0, 0, 0, 15]));
  expect(blocked()).toBe(2);
  expect(end.sent.some(({ type }) => type === FrameType.End)).toBe(false);
  end.receive(FrameType.Window, 1, new Uint8Array([0, 0, 0, 5]));
  expect(end.sent.at(-1)?.type).toBe(FrameType.End);
  expect(blocked()).toBe(2);
});

test("a receiver grants no crumbs: each would come back with a BLOCKED of its own, and never join the others", () => {
  const end = agentWithOpen();
  const windows = (): number => end.sent.filter(({ type }) => type === FrameType.Window).length;
  end.receive(FrameType.Data, 1, new Uint8Array(10));
  end.streams[0]?.consumed(10);
  end.receive(FrameType.Blocked, 1);
  expect(windows()).toBe(0);
});

test("busy streams take turns, a frame each, also when their writers write as soon as memory is free", () => {
  const order: number[] = [];
  const pipe = {
    bufferedBytes: Number.MAX_SAFE_INTEGER,
    send(type: FrameType, id: number, _: Uint8Array, written?: () => void) {
      if (type === FrameType.Data) order.push(id);
      written?.();
    },
  };
  const mux = new StreamMux({ pipe, now: () => 0, onViolation: () => expect.unreachable() });
  const FRAMES = INITIAL_WINDOW_BYTES / DATA_FRAME_BYTES;
  // Nothing leaves until all have something to say.
  for (let count = 0; count < 3; count += 1) {
    const stream = mux.open(OPEN);
    stream.user = { data() {}, end() {}, reset() {} };
    let left = FRAMES;
    const next = (): void => {
      if (left-- > 0) stream.write(new Uint8Array(DATA_FRAME_BYTES), next);
    };
    next();
  }
  expect(order).toEqual([]);
  pipe.bufferedBytes = 0;
  mux.writable();
  expect(order).toEqual(Array.from({ length: FRAMES }, () => [1, 2, 3]).flat());
});

test("long writes of two streams differ by at most a frame while both have credit", () => {
  const pair = new MuxPair((stream) => (stream.user = { data() {}, end() {}, reset() {} }));
  for (let count = 0; count < 2; count += 1) {
    const stream = pair.hub.open(OPEN);
    stream.user = { data() {}, end() {}, reset() {} };
    stream.write(new Uint8Array(10 * INITIAL_WINDOW_BYTES));
  }
  // The first fills the buffer before the second is there; from then on they alternate, until it has no credit left.
  const before = pair.toAgent.sent.length;
  while (!pair.toAgent.isDrained) {
    pair.drain(true);
    pair.writable(true);
  }
  const ids = pair.toAgent.sent.slice(before).filter(({ type }) => type === FrameType.Data);
  expect(ids.map(({ id }) => id)).toEqual([1, 2, 1, 2, 2, 2]);
});

test("closing ends every stream once, with the reason, and frees what waits", () => {
  const end = oneEnd(true);
  let freed = 0;
  for (let count = 0; count < 3; count += 1) {
    const stream = end.open();
    stream.write(new Uint8Array(INITIAL_WINDOW_BYTES), () => (freed += 1));
    stream.write(new Uint8Array(10), () => (freed += 1));
  }
  expect(freed).toBe(3);
  const error = new FairleadError("agent_disconnected", "gone");
  end.mux.close(error);
  end.mux.close(new FairleadError("agent_error", "again"));
  expect(end.log).toEqual([1, 2, 3].map((id) => `${id} reset agent_disconnected`));
  expect([freed, end.mux.openStreams, end.mux.budget.openStreams]).toEqual([6, 0, 0]);
  end.streams[0]?.write(new Uint8Array(10), () => (freed += 1));
  expect(freed).toBe(7);
  expect(() => end.mux.open(OPEN)).toThrow(error);
});
