/** Policies for who only wants to try them: `fairlead policy test`. */
export { loadPolicy } from "./load-policy.ts";
export type { Policy } from "./policy.ts";
export { parsePolicyTrial, type PolicyTrial, type PolicyVerdict, tryPolicy } from "./try-policy.ts";
