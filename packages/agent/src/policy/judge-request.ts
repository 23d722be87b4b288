import type { EngineCall } from "../engine/engine-client.ts";
import type { AskedEngine } from "./engine-container.ts";
import { HeldBody } from "./held-body.ts";
import type { Policy } from "./policy.ts";

const NO_BYTES = new Uint8Array(0);

/**
 * A call that came whole, as it may be made.
 * @throws FairleadError `policy_refused`, or what kept the policy from deciding
 */
export async function judgeRequest<Call extends EngineCall>(
  policy: Policy,
  call: Call,
  engine: AskedEngine,
): Promise<Call> {
  const { method, path, headers = {}, body = NO_BYTES } = call;
  const review = policy.judge({ method, target: path, headers: Object.entries(headers) }, engine);
  if (review === undefined) return call;
  if (review.needsBody) HeldBody.checkSize(body.length);
  const admitted = await review.finish(review.needsBody ? body : NO_BYTES);
  return { ...call, path: admitted.target, ...(admitted.body === undefined ? {} : { body: admitted.body }) };
}
