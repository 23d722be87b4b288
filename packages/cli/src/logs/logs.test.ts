import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { containerMatcher, containerName } from "./container-selection.ts";
import { LiveMerge } from "./live-merge.ts";
import { LogDemultiplexer } from "./log-frames.ts";
import { LogLineSplitter } from "./log-lines.ts";
import { logTime } from "./log-time.ts";
import { mergeByTime } from "./merge-by-time.ts";

interface Item {
  at: bigint;
  from: string;
}

async function* items(from: string, times: number[]): AsyncGenerator<Item> {
  for (const time of times) yield { at: BigInt(time), from };
}

async function collect(source: AsyncIterable<Item>): Promise<string> {
  const found: string[] = [];
  for await (const { from, at } of source) found.push(`${from}${at}`);
  return found.join(" ");
}

describe("mergeByTime", () => {
  test("puts lines of all sources in order of time; at equal times in the order of the sources", async () => {
    const sources = [items("a", [1, 4, 4, 9]), items("b", []), items("c", [2, 4, 10]), items("d", [1])];
    expect(await collect(mergeByTime(sources))).toBe("a1 d1 c2 a4 a4 c4 a9 c10");
  });

  test("ends its sources when the reader leaves", async () => {
    let ended = 0;
    const endless = async function* (): AsyncGenerator<Item> {
      try {
        for (let time = 0; ; time += 1) yield { at: BigInt(time), from: "e" };
      } finally {
        ended += 1;
      }
    };
    for await (const { at } of mergeByTime([endless(), endless()])) if (at === 3n) break;
    expect(ended).toBe(2);
  });
});

describe("LiveMerge", () => {
  test("orders what comes together, takes new sources, and ends when all have", async () => {
    const merge = new LiveMerge<Item>(20);
    merge.add(items("a", [5, 6]));
    merge.add(items("b", [1, 7]));
    const found: string[] = [];
    for await (const { from, at } of merge.read(new AbortController().signal)) {
      found.push(`${from}${at}`);
      if (found.length === 4) {
        merge.add(items("c", [2]));
        merge.finish();
      }
    }
    expect(found.join(" ")).toBe("b1 a5 a6 b7 c2");
  });

  test("makes a source wait for a slow reader", async () => {
    let produced = 0;
    const merge = new LiveMerge<Item>(0);
    merge.add(
      (async function* () {
        for (; produced < 1_000_000; produced += 1) yield { at: 0n, from: "x" };
      })(),
    );
    await sleep(50);
    expect(produced).toBeLessThan(20_000);
    const controller = new AbortController();
    const reader = merge.read(controller.signal);
    await reader.next();
    controller.abort();
    await reader.return(undefined);
  });
});

describe("frames of the engine's stream", () => {
  const frame = (stream: number, text: string): Buffer => {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };

  test("come apart at every split", () => {
    const bytes = Buffer.concat([frame(1, "out\n"), frame(2, "err\n"), frame(1, ""), frame(1, "more\n")]);
    for (let split = 0; split <= bytes.length; split += 1) {
      const demultiplexer = new LogDemultiplexer();
      const pieces = [bytes.subarray(0, split), bytes.subarray(split)].flatMap((piece) => demultiplexer.push(piece));
      const text = (stream: string): string =>
        pieces
          .filter((piece) => piece.stream === stream)
          .map(({ bytes }) => bytes.toString())
          .join("");
      expect([text("stdout"), text("stderr")], `split at ${split}`).toEqual(["out\nmore\n", "err\n"]);
    }
  });

  test("are cut into lines with their times", () => {
    const splitter = new LogLineSplitter("stdout");
    const text = "2026-01-31T12:00:00.123456789Z one\r\n2026-01-31T12:00:01Z \nno time\n2026-01-31T12:00:02Z läst";
    const bytes = Buffer.from(text);
    for (let split = 0; split <= bytes.length; split += 1) {
      const lines = [
        ...splitter.push(bytes.subarray(0, split)),
        ...splitter.push(bytes.subarray(split)),
        ...splitter.flush(),
      ];
      expect(lines.map((line) => [line.time, line.text])).toEqual([
        ["2026-01-31T12:00:00.123456789Z", "one"],
        ["2026-01-31T12:00:01Z", ""],
        ["", "no time"],
        ["2026-01-31T12:00:02Z", "läst"],
      ]);
    }
  });

  test("a line without end is cut after a mebibyte", () => {
    const splitter = new LogLineSplitter("stdout");
    let cut = 0;
    for (let i = 0; i < 40; i += 1) cut += splitter.push(Buffer.alloc(64 * 1024, "x")).length;
    expect(cut).toBe(2);
  });
});

test("times compare by their nanoseconds, however they are written", () => {
  const times = [
    "2026-01-31T12:00:00Z",
    "2026-01-31T12:00:00.000000001Z",
    "2026-01-31T12:00:00.1Z",
    "2026-01-31T14:00:01+02:00",
  ];
  const values = times.map(logTime);
  expect(values.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(values);
  expect(logTime("2026-01-31T12:00:00.1Z") - logTime("2026-01-31T12:00:00Z")).toBe(100_000_000n);
  expect(logTime("nonsense")).toBe(0n);
});

describe("containers by pattern", () => {
  test.each([
    [[], "anything", true],
    [["web-*"], "web-1", true],
    [["web-?"], "web-12", false],
    [["api", "w*"], "web", true],
    [["a.c"], "abc", false],
    [["0123"], "other", true],
    [["012"], "other", false],
  ])("%j and %s: %s", (patterns, name, expected) => {
    expect(containerMatcher(patterns)(`0123${"f".repeat(60)}`, name)).toBe(expected);
  });

  test("a container's name is not that of a link to it", () => {
    expect(containerName({ Id: "0123456789abcdef", Names: ["/other/alias", "/web"] })).toBe("web");
    expect(containerName({ Id: "0123456789abcdef", Names: [] })).toBe("0123456789ab");
  });
});
