import { LogEngine } from "./log-engine.ts";
import type { FromLogWorker, ToLogWorker } from "./log-messages.ts";

/** The parts of a worker's global scope that are used; the page's types have others. */
interface WorkerScope {
  postMessage(message: FromLogWorker, transfer: readonly never[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: ToLogWorker }) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
const engine = new LogEngine(
  (message) => scope.postMessage(message, []),
  (url) => new WebSocket(url),
);
scope.addEventListener("message", ({ data }) => engine.handle(data));
