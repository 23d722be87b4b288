import { CamelCasePlugin, type Kysely } from "kysely";
import type { Database } from "./schema.ts";

/** The same database for code that calls `user_id` userId. */
export function camelCased(db: Database): Kysely<never> {
  return db.withPlugin(new CamelCasePlugin()) as unknown as Kysely<never>;
}
