import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { UsageError } from "../../errors.ts";
import type { Output } from "../../output/output.ts";
import { resetScreen } from "../../terminal/raw-mode.ts";
import { hubCommand, type HubCommandFlags, openSession, untilInterrupted, wholeNumber } from "../hub-command.ts";

interface Flags extends HubCommandFlags {
  speed: string;
  idleLimit: string;
}

/** asciicast v2: seconds, kind, data. */
type CastEvent = readonly [at: number, kind: string, data: string];

/** `fairlead audit replay NUMBER` */
export function auditReplay(): Command {
  return hubCommand("replay", "play a recorded terminal session in this terminal", [
    "audit replay 1234",
    "audit replay 1234 --speed 4 --idle-limit 1",
    "audit replay 1234 --json > session.cast",
  ])
    .argument("<number>", "number of an entry of 'audit list' with a recording")
    .option("--speed <factor>", "times as fast as it was", "1")
    .option("--idle-limit <seconds>", "pauses are at most this long", "5")
    .action(async (text: string, flags: Flags) => {
      const number = wholeNumber(text, "The entry's number", 1, Number.MAX_SAFE_INTEGER);
      const speed = positive(flags.speed, "--speed");
      const idleLimit = positive(flags.idleLimit, "--idle-limit");
      const { client, output } = await openSession(flags);
      const signal = untilInterrupted();
      const lines = client.auditRecording(number, signal);
      if (output.json) {
        for await (const line of lines) await output.writeLine(JSON.stringify(line));
      } else await play(lines, { speed, idleLimit, signal, output });
    });
}

async function play(
  lines: AsyncIterable<unknown>,
  { speed, idleLimit, signal, output }: { speed: number; idleLimit: number; signal: AbortSignal; output: Output },
): Promise<void> {
  let before = 0;
  try {
    for await (const line of lines) {
      // The first one is the header.
      if (!Array.isArray(line)) continue;
      const [at, kind, data] = line as unknown as CastEvent;
      if (kind !== "o") continue;
      const pauseSeconds = Math.min(at - before, idleLimit) / speed;
      before = at;
      if (pauseSeconds > 0) await sleep(pauseSeconds * 1000, undefined, { signal });
      await output.write(data);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    resetScreen(process.stdout);
  }
}

function positive(text: string, option: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new UsageError(`${option} must be a number above 0, not '${text}'`);
}
