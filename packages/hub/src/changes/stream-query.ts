import { FairleadError } from "@fairlead/protocol";
import { STREAM_TOPICS, type StreamQuery, type StreamTopic } from "@fairlead/protocol/rest";
import type { Authorization } from "../access/authorization.ts";
import type { Caller } from "../access/caller.ts";
import { commaList } from "../environments/comma-list.ts";
import type { ChangeReaderOptions } from "./change-reader.ts";

/**
 * What a reader is sent, and from where on.
 *
 * @throws FairleadError bad_request naming the field; not_found, forbidden for an environment that is named.
 */
export async function streamSelection(
  caller: Caller,
  { topics, environment, lastEventId }: StreamQuery,
  authorization: Authorization,
): Promise<Pick<ChangeReaderOptions, "position" | "topics" | "environments">> {
  const wanted = parseTopics(topics);
  const selected = await authorization.select(caller, "environment.view", environment);
  const position = parsePosition(lastEventId);
  return {
    ...(position === undefined ? {} : { position }),
    ...(wanted === undefined ? {} : { topics: wanted }),
    ...(selected === undefined ? {} : { environments: new Set(selected.map(({ id }) => id)) }),
  };
}

function parseTopics(text: string | undefined): ReadonlySet<StreamTopic> | undefined {
  const list = commaList(text);
  const unknown = list?.find((topic) => !(STREAM_TOPICS as readonly string[]).includes(topic));
  if (unknown !== undefined) {
    throw new FairleadError(
      "bad_request",
      `topics: ${JSON.stringify(unknown.slice(0, 64))} is not one of ${STREAM_TOPICS.join(", ")}.`,
      { details: { field: "topics" } },
    );
  }
  return list && new Set(list as StreamTopic[]);
}

/** An id that is none was never given by this hub: beyond all, so the reader gets `reset`. */
function parsePosition(id: string | undefined): number | undefined {
  if (id === undefined || id === "") return undefined;
  return /^\d{1,15}$/.test(id) ? Number(id) : Number.POSITIVE_INFINITY;
}
