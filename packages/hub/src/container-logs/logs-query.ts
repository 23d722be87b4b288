import { FairleadError } from "@fairlead/protocol";
import { type LogsQuery, LogsQuerySchema } from "@fairlead/protocol/rest";
import { parseQueryTime } from "../events/query-time.ts";
import { socketQueryReader } from "../http/socket-query.ts";

/** What a log's URL asks for. */
export interface LogsStart {
  readonly container: string;
  /** The parameters for the engine. */
  readonly parameters: URLSearchParams;
}

const read = socketQueryReader(LogsQuerySchema, "/logs");

/** @throws FairleadError bad_request, naming the field. */
export function parseLogsQuery(url: string): LogsStart {
  const query = read(url);
  const { container, follow, stdout, stderr, tail } = query as LogsQuery & Required<Pick<LogsQuery, "tail">>;
  if (stdout === false && stderr === false)
    throw wrong("stdout", "stdout and stderr are both off: ask for one of them.");
  if (!/^(all|\d{1,9})$/.test(tail)) {
    throw wrong("tail", `tail: ${JSON.stringify(tail)} is not a number of lines, nor all.`);
  }
  const parameters = new URLSearchParams({ timestamps: "1", tail });
  for (const [name, isOn] of Object.entries({ follow, stdout, stderr })) if (isOn === true) parameters.set(name, "1");
  for (const name of ["since", "until"] as const) {
    const text = query[name];
    if (text !== undefined) parameters.set(name, engineTime(text, name));
  }
  return { container, parameters };
}

/** As engines take it: Unix seconds. Logs have nanoseconds, and whoever goes on after a line needs all of them. */
function engineTime(text: string, field: string): string {
  const milliseconds = parseQueryTime(text, field);
  // 0 would mean no limit to engines.
  const seconds = Math.max(1, Math.floor(milliseconds / 1000));
  const fraction = /[.,](\d{1,9})/.exec(text)?.[1];
  return fraction === undefined ? String(seconds) : `${seconds}.${fraction.padEnd(9, "0")}`;
}

function wrong(field: string, message: string): FairleadError {
  return new FairleadError("bad_request", message, { details: { field } });
}
