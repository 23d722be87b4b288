import { type Program, startProgram, tempDir } from "@fairlead/testkit";
import { WebSocket } from "ws";

/** Of Debian's package, which `scripts/install-chromium.sh` installs. */
const CHROMIUM = "/usr/bin/chromium";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-port=0",
  "--window-size=1440,900",
];

/** An answer that takes longer is none: the page hangs, or the browser is gone. */
const ANSWER_TIMEOUT_MS = 120_000;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly sessionId?: string; readonly targetInfo?: { readonly type?: string } };
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A page in a real Chromium without a window, and its workers, over the browser's DevTools. */
export class BenchBrowser implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 1;
  #page = "";
  /** DevTools sessions of the page's workers. */
  readonly workers: string[] = [];

  private constructor(stack: AsyncDisposableStack, socket: WebSocket) {
    this.#stack = stack;
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#take(JSON.parse(data.toString()) as Message));
  }

  static async open(): Promise<BenchBrowser> {
    await using stack = new AsyncDisposableStack();
    const profile = stack.use(await tempDir());
    const program: Program = stack.use(
      await startProgram(CHROMIUM, [...ARGUMENTS, `--user-data-dir=${profile.path}`, "about:blank"]),
    );
    const [, address = ""] = await program.waitForLine(/DevTools listening on (ws:\S+)/, ANSWER_TIMEOUT_MS);
    const socket = new WebSocket(address, { perMessageDeflate: false });
    stack.defer(() => socket.terminate());
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const browser = new BenchBrowser(stack.move(), socket);
    const { targetId } = await browser.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.send<{ sessionId: string }>("Target.attachToTarget", {
      targetId,
      flatten: true,
    });
    browser.#page = sessionId;
    await browser.send("Page.enable", {}, sessionId);
    const attach = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };
    await browser.send("Target.setAutoAttach", attach, sessionId);
    return browser;
  }

  /** Runs before anything else of each page that is opened. */
  async beforePages(source: string): Promise<void> {
    await this.send("Page.addScriptToEvaluateOnNewDocument", { source }, this.#page);
  }

  async goTo(url: string): Promise<void> {
    this.workers.length = 0;
    await this.send("Page.navigate", { url }, this.#page);
  }

  /** What an expression is in the page; promises are waited for. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = await this.send<{ result: { value: T }; exceptionDetails?: { text: string } }>(
      "Runtime.evaluate",
      { expression, awaitPromise: true, returnByValue: true },
      this.#page,
    );
    if (answer.exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(answer.exceptionDetails)}`);
    return answer.result.value;
  }

  /** Bytes that live on the heap and in buffers of the page, or of a worker, after a collection. */
  async heapBytes(session: string = this.#page): Promise<number> {
    await this.send("HeapProfiler.collectGarbage", {}, session);
    const { usedSize, backingStorageSize = 0 } = await this.send<{ usedSize: number; backingStorageSize?: number }>(
      "Runtime.getHeapUsage",
      {},
      session,
    );
    return usedSize + backingStorageSize;
  }

  async send<T>(method: string, params: object, sessionId?: string): Promise<T> {
    const id = this.#nextId;
    this.#nextId += 1;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    const timer = setTimeout(
      () => this.#waiting.get(id)?.reject(new Error(`${method}: no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)),
      ANSWER_TIMEOUT_MS,
    );
    try {
      return (await answer) as T;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #take({ id, method, params, result, error }: Message): void {
    if (method === "Target.attachedToTarget" && params?.targetInfo?.type === "worker")
      this.workers.push(params.sessionId ?? "");
    if (id === undefined) return;
    const waiting = this.#waiting.get(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }
}
