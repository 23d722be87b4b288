import { encodeMessage, newContainerEventMessage, newErrorMessage } from "@fairlead/protocol";
import type { EngineClient } from "../engine/engine-client.ts";
import { Outbox } from "../link/outbox.ts";
import type { Log } from "../log.ts";
import { type EventMark, markOfNow, timeNanoOf, timestampOf } from "./engine-event.ts";
import { EventFollower } from "./event-follower.ts";
import { MarkFile } from "./mark-file.ts";

/**
 * Events kept while the hub is away. An engine itself remembers 256, so the agent goes on reading: this is a week of a host
 * where something happens every 12 seconds.
 */
export const MAX_KEPT_EVENTS = 50_000;

/** Their JSON texts together; with many labels an event is some kilobytes. */
export const MAX_KEPT_EVENT_LENGTH = 16 * 1024 * 1024;

export interface EventReporterOptions {
  readonly engine: EngineClient;
  readonly log: Log;
  /** The agent's data folder. */
  readonly dataDir: string;
  /** See `EventFollowerOptions`. */
  readonly retryMs?: number;
}

/** Container events from the engine to the hub: each at least once and in order, over the absence of either and restarts of the agent. */
export class EventReporter {
  readonly outbox: Outbox<EventMark>;
  readonly #options: EventReporterOptions;
  readonly #markFile: MarkFile;
  #follower: EventFollower | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: EventReporterOptions) {
    this.#options = options;
    this.#markFile = new MarkFile(options.dataDir, options.log);
    this.outbox = new Outbox<EventMark>({
      maxMessages: MAX_KEPT_EVENTS,
      maxLength: MAX_KEPT_EVENT_LENGTH,
      onArrived: (mark) => this.#markFile.set(mark),
      onDropped: (count, from, to) => this.#lost(`${count} container events`, from, to),
    });
  }

  async start(): Promise<void> {
    const { engine, log, retryMs } = this.#options;
    const kept = await this.#markFile.read();
    const since = kept ?? markOfNow();
    // What happens after a first start must be found after a second one, though nothing was ever reported.
    if (kept === undefined) this.#markFile.set(since);
    this.#follower = new EventFollower({
      engine,
      log,
      since,
      onEvent: ({ event, mark }) => this.outbox.add(encodeMessage(newContainerEventMessage(event)), mark),
      onGap: (from, to) => this.#lost("container events", from, to),
      ...(retryMs === undefined ? {} : { retryMs }),
    });
    this.#running = this.#follower.run();
  }

  async stop(): Promise<void> {
    this.#follower?.stop();
    await this.#running;
    this.outbox.detach();
    await this.#markFile.flush();
  }

  /** Said in the log and, behind what is waiting, to the hub. */
  #lost(what: string, from: EventMark, to: EventMark): void {
    const text = `${what} between ${timestampOf(timeNanoOf(from))} and ${timestampOf(timeNanoOf(to))} may be lost`;
    this.#options.log.warn(text);
    this.outbox.add(encodeMessage(newErrorMessage("", text, "events_lost")), from);
  }
}
