import type { DBAdapter, DBTransactionAdapter, Where } from "@better-auth/core/db/adapter";
import { hashSessionToken } from "./session-cookie.ts";

/** What any of an adapter's methods is called with. */
interface Call {
  readonly model?: string;
  readonly where?: Where[];
  readonly data?: Record<string, unknown>;
  readonly update?: Record<string, unknown>;
}

/**
 * better-auth's adapter, with session tokens hashed in the database: who reads it gets no token. A row that is found by its token
 * comes back with the token it was asked by; one that is found otherwise has the hash.
 */
export function hashSessionTokens<T extends DBAdapter | DBTransactionAdapter>(adapter: T): T {
  return new Proxy(adapter, {
    get(target, name, receiver): unknown {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== "function") return value;
      if (name === "transaction") {
        const { transaction } = target as DBAdapter;
        return (callback: (inner: DBTransactionAdapter) => Promise<unknown>) =>
          transaction((inner) => callback(hashSessionTokens(inner)));
      }
      return (call: Call, ...rest: unknown[]): unknown => {
        const method = value as (call: Call, ...rest: unknown[]) => Promise<unknown>;
        return call?.model === "session"
          ? onSessions(call, (hashed) => method(hashed, ...rest))
          : method(call, ...rest);
      };
    },
  });
}

async function onSessions(call: Call, run: (call: Call) => Promise<unknown>): Promise<unknown> {
  const tokens = new Map<unknown, string>();
  const hashed = (token: unknown): unknown => {
    if (Array.isArray(token)) return token.map(hashed);
    if (typeof token !== "string") return token;
    const hash = hashSessionToken(token);
    tokens.set(hash, token);
    return hash;
  };
  const inRow = (row: Record<string, unknown>) => ("token" in row ? { ...row, token: hashed(row["token"]) } : row);
  const result = await run({
    ...call,
    ...(call.where && {
      where: call.where.map((where) =>
        where.field === "token" ? ({ ...where, value: hashed(where.value) } as Where) : where,
      ),
    }),
    ...(call.data && { data: inRow(call.data) }),
    ...(call.update && { update: inRow(call.update) }),
  });
  const restored = (row: unknown): unknown => {
    if (typeof row !== "object" || row === null || !("token" in row)) return row;
    const token = tokens.get(row.token);
    return token === undefined ? row : { ...row, token };
  };
  return Array.isArray(result) ? result.map(restored) : restored(result);
}
