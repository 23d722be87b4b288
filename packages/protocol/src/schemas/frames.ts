/** JSON payloads of the streams extension's frames, one definition each: type, validator and JSON Schema come from it. */
import Type from "typebox";

const headers = Type.Array(Type.Tuple([Type.String(), Type.String()]), {
  description: "HTTP headers in their order and spelling, as pairs of name and value.",
});

export const FRAMES = {
  open: Type.Object(
    {
      method: Type.String({ description: "HTTP method." }),
      path: Type.String({ description: "Path with query, as the engine's API has it." }),
      headers,
      upgrade: Type.Optional(
        Type.String({
          description:
            "There when the call takes its connection over: the protocol that the caller asks for, empty when it asks for none.",
        }),
      ),
    },
    { title: "open", description: "Hub to agent: a call of the Docker Engine API begins on a new stream." },
  ),
  head: Type.Object(
    {
      status: Type.Integer({
        minimum: 100,
        maximum: 599,
        description: "HTTP status; 101: raw bytes follow, both ways.",
      }),
      reason: Type.Optional(Type.String({ description: "The status line's text." })),
      headers,
    },
    {
      title: "head",
      description: "Agent to hub: the answer's head. One with a status below 200, other than 101, is an interim one.",
    },
  ),
  reset: Type.Object(
    {
      code: Type.String({ description: "A code of the error table." }),
      message: Type.String({ description: "What went wrong, for people." }),
    },
    { title: "reset", description: "Both: the stream ends now, in both directions; what waits is dropped." },
  ),
};
