import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type TempDir, tempDir, waitFor } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineClient } from "../engine/engine-client.ts";
import { createLog } from "../log.ts";
import { carry } from "./carrier.ts";
import { TokenCheck } from "./token-check.ts";

let folder: TempDir;
let engine: Server;
let front: Server;
let log: string[];
/** What the engine does with each connection. */
let serve: (socket: Socket) => void;
const sockets = new Set<Socket>();

beforeEach(async () => {
  folder = await tempDir();
  log = [];
  const path = join(folder.path, "engine.sock");
  engine = createServer({ allowHalfOpen: true }, (socket) => {
    track(socket);
    serve(socket);
  });
  engine.listen(path);
  await once(engine, "listening");
  const logger = createLog("debug", (line) => log.push(line));
  const options = {
    engine: new EngineClient({ kind: "unix", path }),
    token: new TokenCheck("secret", logger),
    log: logger,
    control: (client: Socket) => client.end("control"),
  };
  front = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    track(client);
    void carry(client, options);
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  front.close();
  engine.close();
  await folder.stop();
});

function track(socket: Socket): void {
  sockets.add(socket);
  socket.on("error", () => {});
  socket.once("close", () => sockets.delete(socket));
}

/** A client's connection with everything that came over it. */
class Client {
  readonly socket: Socket;
  received = "";
  ended = false;
  closed = false;
  /** Each piece as it was read. */
  readonly reads: string[] = [];

  constructor() {
    const { port } = front.address() as { port: number };
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    track(this.socket);
    this.socket.on("data", (bytes) => {
      this.reads.push(bytes.toString("latin1"));
      this.received += bytes.toString("latin1");
    });
    this.socket.once("end", () => (this.ended = true));
    this.socket.once("close", () => (this.closed = true));
  }

  async until(text: string): Promise<void> {
    await waitFor(() => this.received.includes(text), { what: () => `${text} in ${JSON.stringify(this.received)}` });
  }

  async end(): Promise<void> {
    await waitFor(() => this.ended || this.closed, { what: () => `the end after ${JSON.stringify(this.received)}` });
  }
}

/** Collects what a socket receives. */
function collect(socket: Socket): { text: string; ended: boolean; closed: boolean } {
  const got = { text: "", ended: false, closed: false };
  socket.on("data", (bytes) => (got.text += bytes.toString("latin1")));
  socket.once("end", () => (got.ended = true));
  socket.once("close", () => (got.closed = true));
  return got;
}

const AUTH = "X-Hawser-Token: secret\r\n";
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${AUTH}\r\n`;

describe("requests", () => {
  test("go on as they came but for the token, wherever it was, on one connection one after the other", async () => {
    const heads: string[] = [];
    serve = (socket) =>
      socket.on("data", (bytes) => {
        heads.push(bytes.toString("latin1"));
        socket.write("HTTP/1.1 204 No Content\r\n\r\n");
      });
    const client = new Client();
    const requests = [
      [
        "GET /a?x=1&token=secret&y=%20 HTTP/1.1\r\nHost:\r\nx-Odd:  Value \r\n\r\n",
        "GET /a?x=1&y=%20 HTTP/1.1\r\nHost: \r\nx-Odd: Value\r\n\r\n",
      ],
      ["GET /b?token=s%65cret HTTP/1.1\r\n\r\n", "GET /b HTTP/1.1\r\n\r\n"],
      ["GET /c HTTP/1.1\r\nx-hawser-token: secret\r\nA: 1\r\nA: 2\r\n\r\n", "GET /c HTTP/1.1\r\nA: 1\r\nA: 2\r\n\r\n"],
      ["GET /d HTTP/1.0\r\nAuthorization: bearer secret\r\n\r\n", "GET /d HTTP/1.0\r\n\r\n"],
      [
        "GET /e?token=wrong HTTP/1.1\r\nAuthorization: Basic eA==\r\nX-Hawser-Token: secret\r\n\r\n",
        "GET /e HTTP/1.1\r\nAuthorization: Basic eA==\r\n\r\n",
      ],
    ];
    for (const [index, [sent = "", expected]] of requests.entries()) {
      client.socket.write(sent);
      await waitFor(() => heads.length > index, { what: `request ${index}` });
      expect(heads[index]).toBe(expected);
      await waitFor(() => client.received.split("204").length === index + 2, { what: "the answer" });
    }
    expect(log.join()).not.toContain("secret");
  });

  test.each([
    ["none", "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["a wrong one", "GET /a HTTP/1.1\r\nX-Hawser-Token: secretx\r\n\r\n"],
    ["an empty one", "GET /a?token= HTTP/1.1\r\nX-Hawser-Token:\r\nAuthorization: Bearer \r\n\r\n"],
    ["a broken escape", "GET /a?token=%zz HTTP/1.1\r\n\r\n"],
  ])("with %s as token get 401 and reach nothing", async (_, request) => {
    serve = () => expect.unreachable();
    const client = new Client();
    client.socket.write(request);
    await client.end();
    expect(client.received).toMatch(
      /^HTTP\/1\.1 401 Unauthorized\r\n.*Connection: close\r\n\r\n\{"message":"The agent's token is missing/s,
    );
  });

  test("refused ones are logged now and then, not each", async () => {
    for (let tries = 0; tries < 10; tries += 1) {
      const client = new Client();
      client.socket.write("GET /a?token=guess HTTP/1.1\r\n\r\n");
      await client.end();
    }
    const warnings = log.filter((line) => line.includes(" warn "));
    expect(warnings).toEqual([
      expect.stringMatching(/refused a request without the right token path=\/a from=127\.0\.0\.1 refused=1$/),
    ]);
    expect(log.join()).not.toContain("guess");
  });

  test("the second one on a connection needs the token too", async () => {
    serve = (socket) => socket.on("data", () => socket.write("HTTP/1.1 204 No Content\r\n\r\n"));
    const client = new Client();
    client.socket.write(get("/a"));
    await client.until("204");
    client.socket.write("GET /b HTTP/1.1\r\n\r\n");
    await client.end();
    expect(client.received).toContain("HTTP/1.1 401");
  });

  test("a body is not taken for a request, whatever is in it; the request behind it is", async () => {
    let got = "";
    serve = (socket) => socket.on("data", (bytes) => (got += bytes.toString("latin1")));
    const body = "GET /smuggled HTTP/1.1\r\n\r\n";
    const first = `POST /a HTTP/1.1\r\n${AUTH}Content-Length: ${body.length}\r\n\r\n${body}`;
    const second = `POST /b HTTP/1.1\r\n${AUTH}Transfer-Encoding: chunked\r\n\r\n1a;x=y\r\n${body}\r\n0\r\nTrailer: 1\r\n\r\n`;
    const client = new Client();
    // Byte by byte, all of it.
    for (const byte of first + second + get("/c")) client.socket.write(byte);
    await waitFor(() => got.endsWith("GET /c HTTP/1.1\r\nHost: x\r\n\r\n"), {
      what: () => `the third request in ${got}`,
    });
    expect(got).toBe((first + second + get("/c")).replaceAll(AUTH, ""));
  });

  test.each([
    ["a bare line feed", "GET /a HTTP/1.1\nX-Hawser-Token: secret\n\r\n\r\n"],
    ["a folded line", `GET /a HTTP/1.1\r\n${AUTH} folded\r\n\r\n`],
    ["a space before the colon", `GET /a HTTP/1.1\r\n${AUTH}Content-Length : 3\r\n\r\n`],
    ["two lengths", `GET /a HTTP/1.1\r\n${AUTH}Content-Length: 3\r\nContent-Length: 4\r\n\r\n`],
    ["a length and chunks", `GET /a HTTP/1.1\r\n${AUTH}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ["another coding", `GET /a HTTP/1.1\r\n${AUTH}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    ["an absolute address", `GET http://x/a HTTP/1.1\r\n${AUTH}\r\n`],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
  ])("%s is refused", async (_, request) => {
    serve = () => expect.unreachable();
    const client = new Client();
    client.socket.write(request, "latin1");
    await client.end();
    expect(client.received).toMatch(/^HTTP\/1\.1 400 .*\{"message":/s);
  });

  test("a head of 200 kB passes, one of 300 kB does not", async () => {
    let bytes = 0;
    serve = (socket) => socket.on("data", (piece) => (bytes += piece.length));
    const head = (size: number) => `GET /a HTTP/1.1\r\n${AUTH}X-Registry-Config: ${"x".repeat(size)}\r\n\r\n`;
    const small = new Client();
    small.socket.write(head(200_000));
    await waitFor(() => bytes > 200_000, { what: "the head" });
    const large = new Client();
    large.socket.write(head(300_000));
    await large.end();
    expect(large.received).toMatch(/^HTTP\/1\.1 413 .*262144 bytes/s);
  });

  test("for the agent itself are handed over, also in between", async () => {
    serve = (socket) => socket.on("data", () => socket.write("HTTP/1.1 204 No Content\r\n\r\n"));
    const client = new Client();
    client.socket.write(get("/a"));
    await client.until("204");
    client.socket.write("GET /_hawser/health HTTP/1.1\r\n\r\n");
    await client.end();
    expect(client.received).toMatch(/\r\n\r\ncontrol$/);
  });
});

describe("answers", () => {
  test("a head goes out before there is a body, and a cut answer is not ended cleanly", async () => {
    let engineSide: Socket | undefined;
    serve = (socket) => {
      engineSide = socket;
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    };
    const client = new Client();
    client.socket.write(get("/events"));
    await client.until("chunked\r\n\r\n");
    engineSide?.write("5\r\nhello\r\n");
    await client.until("hello\r\n");
    engineSide?.destroy();
    await client.end();
    expect(client.received.endsWith("hello\r\n")).toBe(true);
  });

  test("100-continue and an early answer pass, though the engine reads no more", async () => {
    serve = (socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 100 Continue\r\n\r\n");
        socket.once("data", () => {
          socket.pause();
          socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", () =>
            socket.destroy(),
          );
        });
      });
    };
    for (let tries = 0; tries < 20; tries += 1) {
      const client = new Client();
      client.socket.write(`PUT /a HTTP/1.1\r\n${AUTH}Expect: 100-continue\r\nContent-Length: 100000000\r\n\r\n`);
      await client.until("100 Continue\r\n\r\n");
      const upload = setInterval(() => client.socket.write("x".repeat(200_000)), 0);
      await client.until("\r\n\r\nno");
      await client.end();
      clearInterval(upload);
      client.socket.destroy();
    }
  });

  test("an engine that is away is 503, and the next try finds it", async () => {
    engine.close();
    await once(engine, "close");
    const client = new Client();
    client.socket.write(`POST /a HTTP/1.1\r\n${AUTH}Content-Length: 1000000\r\n\r\n${"x".repeat(1_000_000)}`);
    await client.end();
    expect(client.received).toMatch(
      /^HTTP\/1\.1 503 .*\{"message":"Cannot connect to the Docker Engine at unix:.*ENOENT.*\}\n$/s,
    );
    engine.listen(join(folder.path, "engine.sock"));
    await once(engine, "listening");
    serve = (socket) => socket.end("HTTP/1.1 204 No Content\r\n\r\n");
    const again = new Client();
    again.socket.write(get("/a"));
    await again.until("204");
  });
});

describe("connections that leave HTTP", () => {
  const upgrade = `POST /exec/1/start HTTP/1.1\r\n${AUTH}Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}`;

  test("101 in several reads; what came with the head follows it in a piece of its own; both half-closes", async () => {
    let got = { text: "", ended: false, closed: false };
    serve = (socket) => {
      got = collect(socket);
      socket.write("HTTP/1.1 101 UPGR");
      setTimeout(() => socket.write("ADED\r\nUpgrade: tcp\r\n\r\nfirst bytes"), 20);
      socket.once("end", () => {
        socket.write("after the client's end");
        setTimeout(() => socket.end(), 20);
      });
    };
    const client = new Client();
    client.socket.write(upgrade);
    await client.until("first bytes");
    expect(client.reads.at(-1)).toBe("first bytes");
    client.socket.write("GET /no-request-any-more HTTP/1.1\r\n\r\n");
    await waitFor(() => got.text.endsWith("{}GET /no-request-any-more HTTP/1.1\r\n\r\n"), { what: "raw bytes" });
    expect(client.ended).toBe(false);
    client.socket.end();
    await client.end();
    expect(client.received).toMatch(/first bytesafter the client's end$/);
    await waitFor(() => got.closed, { what: "the engine's connection to close" });
  });

  test("a short body reaches the engine in one piece with the head, however it came", async () => {
    const pieces: string[] = [];
    serve = (socket) => {
      socket.on("data", (bytes) => pieces.push(bytes.toString("latin1")));
      socket.once("data", () => socket.end("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n"));
    };
    const client = new Client();
    client.socket.setNoDelay(true);
    const body = '{"stdin":true}';
    client.socket.write(`POST /containers/a/attach HTTP/1.1\r\n${AUTH}Content-Length: ${body.length}\r\n\r\n`);
    await sleep(50);
    client.socket.write(body.slice(0, 5));
    await sleep(50);
    client.socket.write(`${body.slice(5)}input`);
    await client.until("\r\n\r\n");
    expect(pieces[0]?.endsWith(`\r\n\r\n${body}`)).toBe(true);
    await waitFor(() => pieces.join("").endsWith(`${body}input`), { what: "the input" });
  });

  test("200 without length and without an upgrade asked for, raw both ways at once", async () => {
    let got = { text: "", ended: false, closed: false };
    serve = (socket) => {
      got = collect(socket);
      socket.once("data", () =>
        socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"),
      );
      socket.on("end", () => socket.end("bye"));
    };
    const client = new Client();
    // Input, and its end, right behind the request.
    client.socket.end(`POST /v1.45/containers/a/attach?stdin=1 HTTP/1.1\r\n${AUTH}Content-Length: 0\r\n\r\nGET /input`);
    await client.end();
    expect(client.received).toMatch(/raw-stream\r\n\r\nbye$/);
    expect(got.text).toMatch(/Content-Length: 0\r\n\r\nGET \/input$/);
  });

  test("the daemon speaks first, the client's end comes late", async () => {
    serve = (socket) => socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\nPRI * HTTP/2.0");
    const client = new Client();
    client.socket.write(`POST /session HTTP/1.1\r\nHost:\r\n${AUTH}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`);
    await client.end();
    expect(client.received).toMatch(/\r\n\r\nPRI \* HTTP\/2\.0$/);
  });

  test("a refused one is carried as it is, plain text ended by the end", async () => {
    serve = (socket) =>
      socket.end(
        "HTTP/1.1 404 Not Found\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nNo such container: a\r\n",
      );
    const client = new Client();
    client.socket.write(upgrade);
    await client.end();
    expect(client.received).toMatch(/^HTTP\/1\.1 404 Not Found\r\n.*\r\n\r\nNo such container: a\r\n$/s);
  });

  test("after a refused or detached one the connection is HTTP again, and asks for the token again", async () => {
    const connections: ReturnType<typeof collect>[] = [];
    serve = (socket) => {
      connections.push(collect(socket));
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    };
    const client = new Client();
    client.socket.write(get("/before"));
    await client.until("200 OK");
    client.socket.write(`POST /exec/1/start HTTP/1.1\r\n${AUTH}Content-Length: 2\r\n\r\n{}`);
    await waitFor(() => client.received.split("200 OK").length === 3, { what: "the second answer" });
    client.socket.write("GET /unauthorized HTTP/1.1\r\n\r\n");
    await client.until("401 Unauthorized");
    expect(connections.map(({ text }) => text).join("")).not.toContain("unauthorized");
  });

  test("an engine that ends without an answer, or with an endless head, ends the connection", async () => {
    const answers: ((socket: Socket) => void)[] = [
      (socket) => socket.end(),
      (socket) => socket.destroy(),
      (socket) => socket.end("HTTP/1.1 101 UPGR"),
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${"x".repeat(300_000)}`),
    ];
    for (const answer of answers) {
      serve = (socket) => socket.once("data", () => answer(socket));
      const client = new Client();
      client.socket.write(upgrade);
      await client.end();
      expect(client.received).toBe("");
      client.socket.destroy();
    }
  });

  test("an engine that ends without reading all input loses nothing of its output", async () => {
    const output = "x".repeat(300_000);
    serve = (socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n");
        socket.pause();
        socket.write(output, () => setTimeout(() => socket.destroy(), 50));
      });
    };
    const client = new Client();
    client.socket.write(upgrade);
    await client.until("101");
    client.socket.write("y".repeat(1_000_000));
    await client.end();
    expect(client.received.split("\r\n\r\n")[1]?.length).toBe(output.length);
  });
});

describe("who goes away", () => {
  test("a client that dies ends the engine's connection", async () => {
    let got = { text: "", ended: false, closed: false };
    serve = (socket) => {
      got = collect(socket);
      const beat = setInterval(() => socket.write("tick"), 10);
      socket.once("close", () => clearInterval(beat));
    };
    const client = new Client();
    client.socket.write(get("/logs"));
    await client.until("tick");
    client.socket.resetAndDestroy();
    await waitFor(() => got.closed, { what: "the engine's connection to close" });
  });

  test("a client that only stops reading holds itself and nobody else", async () => {
    serve = (socket) => {
      socket.once("data", (bytes) => {
        if (bytes.toString().startsWith("GET /ping"))
          return void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK");
        const piece = Buffer.alloc(65_536);
        const fill = (): void => {
          while (!socket.destroyed && socket.write(piece));
        };
        socket.on("drain", fill);
        fill();
      });
    };
    const stalled = new Client();
    stalled.socket.pause();
    stalled.socket.write(get("/endless"));
    for (let tries = 0; tries < 20; tries += 1) {
      const client = new Client();
      client.socket.write(get("/ping"));
      await client.until("OK");
    }
    const buffered = [...sockets].reduce((sum, socket) => Math.max(sum, socket.writableLength), 0);
    expect(buffered).toBeLessThan(1024 * 1024);
  });
});

test("two thousand connections with random and mutated requests: each is answered or ended, and nothing is left open", async () => {
  serve = (socket) => {
    socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    socket.on("end", () => socket.end());
  };
  const valid = `POST /exec/1/start?a=b HTTP/1.1\r\nHost: x\r\n${AUTH}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n${get("/a")}`;
  const mutated = (): Buffer => {
    const bytes = Buffer.from(valid);
    for (let change = randomInt(8); change > 0; change -= 1) bytes[randomInt(bytes.length)] = randomInt(256);
    return Buffer.concat([
      bytes.subarray(randomInt(4) === 0 ? randomInt(bytes.length) : 0),
      randomBytes(randomInt(20)),
    ]);
  };
  for (let round = 0; round < 100; round += 1) {
    const clients = Array.from({ length: 20 }, (_, index) => {
      const client = new Client();
      client.socket.end(index % 2 === 0 ? mutated() : randomBytes(randomInt(1, 400)));
      return client;
    });
    await Promise.all(clients.map((client) => client.end()));
  }
  await waitFor(() => sockets.size === 0, { what: () => `${sockets.size} sockets to close` });
  const client = new Client();
  client.socket.write(get("/a"));
  await client.until("200 OK");
});
