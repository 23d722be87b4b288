import { once } from "node:events";
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

const LISTENS = /DevTools listening on (ws:\/\/\S+)/;
/** Of one command; a page that is measured on a busy machine may take seconds. */
const ANSWER_TIMEOUT_MS = 60_000;

/** An answer to a command, or something that happened. */
interface Message {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: { readonly sessionId?: string; readonly targetInfo?: { readonly type?: string } };
}

/** A page of a real Chromium without a window, and its workers, by the browser's own debugging protocol. */
export class BrowserPage implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  #sessionId: string | undefined;
  #lastId = 0;
  /** Debugging sessions of the page's workers. */
  readonly workers: string[] = [];

  private constructor(stack: AsyncDisposableStack, socket: WebSocket) {
    this.#stack = stack;
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      const { id = 0, result = {}, error, method, params } = JSON.parse(data.toString()) as Message;
      if (method === "Target.attachedToTarget" && params?.targetInfo?.type === "worker")
        this.workers.push(params.sessionId ?? "");
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
    });
    socket.on("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Chromium closed its debugging connection"));
      this.#waiting.clear();
    });
  }

  static async open(): Promise<BrowserPage> {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await tempDir());
    const browser: Program = stack.use(
      await startProgram(CHROMIUM, [...ARGUMENTS, `--user-data-dir=${folder.path}`, "about:blank"], {
        readyPattern: LISTENS,
      }),
    );
    const [, url = ""] = await browser.waitForLine(LISTENS);
    const socket = new WebSocket(url, { perMessageDeflate: false });
    stack.defer(() => socket.terminate());
    await once(socket, "open");
    const page = new BrowserPage(stack.move(), socket);
    const { targetId } = await page.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await page.send("Target.attachToTarget", { targetId, flatten: true });
    page.#sessionId = String(sessionId);
    await page.send("Page.enable");
    await page.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: true });
    return page;
  }

  /** One command of the protocol, to the page unless told. */
  async send(
    method: string,
    params: Record<string, unknown> = {},
    sessionId: string | undefined = this.#sessionId,
  ): Promise<Record<string, unknown>> {
    const id = (this.#lastId += 1);
    const waiting = Promise.withResolvers<Record<string, unknown>>();
    this.#waiting.set(id, waiting);
    const timer = setTimeout(
      () => waiting.reject(new Error(`Chromium did not answer ${method} within ${ANSWER_TIMEOUT_MS} ms`)),
      ANSWER_TIMEOUT_MS,
    );
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) }));
    return waiting.promise.finally(() => clearTimeout(timer));
  }

  async goto(url: string): Promise<void> {
    this.workers.length = 0;
    await this.send("Page.navigate", { url });
  }

  /** What an expression gives in the page, as JSON; a promise is awaited. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string } } };
    if (exceptionDetails) throw new Error(`In the page: ${exceptionDetails.exception?.description ?? "it failed"}`);
    return result.value;
  }

  /** Bytes that live on the heap and in buffers of the page, or of a worker, after a collection. */
  async heapBytes(sessionId?: string): Promise<number> {
    await this.send("HeapProfiler.collectGarbage", {}, sessionId);
    const usage = await this.send("Runtime.getHeapUsage", {}, sessionId);
    const { usedSize, backingStorageSize = 0 } = usage as { usedSize: number; backingStorageSize?: number };
    return usedSize + backingStorageSize;
  }

  /** Runs in every page before anything of its own. */
  async beforeEachPage(source: string): Promise<void> {
    await this.send("Page.addScriptToEvaluateOnNewDocument", { source });
  }

  /** One key of a letter, as a keyboard sends it. */
  async key(letter: string): Promise<void> {
    const isBack = letter === "Backspace";
    const key = isBack
      ? { key: letter, code: letter, windowsVirtualKeyCode: 8 }
      : { key: letter, text: letter, unmodifiedText: letter };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...key });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  }

  async wheel(deltaY: number): Promise<void> {
    await this.send("Input.dispatchMouseEvent", { type: "mouseWheel", x: 700, y: 600, deltaX: 0, deltaY });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
