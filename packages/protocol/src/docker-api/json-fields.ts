import { FairleadError } from "../errors.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";

/**
 * Engines are written in Go, whose JSON reader takes a field's name in any capitals, lets the last of several win or merges them, replaces
 * wrong UTF-8 and may leave what follows unread. So a body is decoded strictly, names are compared folded, and what was decoded is written
 * anew: the engine gets that, and nothing that was not looked at.
 */
export interface StrictJson {
  readonly value: unknown;
  /** The same, written anew. */
  readonly bytes: Uint8Array;
}

interface RawJson {
  rawJSON(text: string): unknown;
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
}

/** @throws FairleadError `bad_request` */
export function parseStrictJson(bytes: Uint8Array): StrictJson {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw badBody("it is not valid UTF-8");
  try {
    const value = (JSON as unknown as RawJson).parse(text, keepLargeNumbers);
    return { value, bytes: encodeUtf8(JSON.stringify(value)) };
  } catch (error) {
    throw badBody(`it is not one JSON value (${(error as Error).message.slice(0, 100)})`);
  }
}

/** Memory limits near 2^63 are met in the field. */
function keepLargeNumbers(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== "number" || source === undefined || !/^-?\d{16,20}$/.test(source)) return value;
  return Number.isSafeInteger(value) ? value : (JSON as unknown as RawJson).rawJSON(source);
}

function badBody(reason: string): FairleadError {
  return new FairleadError("bad_request", `the body cannot be checked: ${reason}`);
}

/** The fields of an object that an engine reads into a structure; names in lower case. Keys of maps (labels, options) are not folded. */
export class JsonFields {
  /** Where the object is: `HostConfig`; empty for the body itself. */
  readonly path: string;
  readonly #fields = new Map<string, { name: string; value: unknown }>();

  /**
   * @param value `null` and `undefined` are an empty object.
   * @throws FairleadError `bad_request` when it is no object, or two names mean the same field, or one is not ASCII
   */
  constructor(value: unknown, path = "") {
    this.path = path;
    if (value === undefined || value === null) return;
    if (!isObject(value)) throw wrong(path === "" ? "the body" : path, "must be an object");
    for (const [name, field] of Object.entries(value)) {
      // U+017F and U+212A are an s and a k to Go. No field of an engine is spelled with either.
      if (!/^[\x20-\x7e]*$/.test(name)) throw wrong(this.at(name), "has a name with other than ASCII characters");
      const folded = name.toLowerCase();
      const other = this.#fields.get(folded);
      if (other !== undefined) throw wrong(this.at(name), `is also there as ${JSON.stringify(other.name)}`);
      this.#fields.set(folded, { name, value: field });
    }
  }

  /** Full name of a field, for messages. */
  at(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  /** The value; undefined for null, which changes nothing in Go. */
  get(name: string): unknown {
    return this.#fields.get(name.toLowerCase())?.value ?? undefined;
  }

  text(name: string): string {
    const value = this.get(name) ?? "";
    if (typeof value !== "string") throw wrong(this.at(name), "must be a string");
    return value;
  }

  flag(name: string): boolean {
    const value = this.get(name) ?? false;
    if (typeof value !== "boolean") throw wrong(this.at(name), "must be true or false");
    return value;
  }

  list(name: string): unknown[] {
    const value = this.get(name) ?? [];
    if (!Array.isArray(value)) throw wrong(this.at(name), "must be a list");
    return value;
  }

  /** Strings, or one alone, which engines take for some fields. */
  texts(name: string): string[] {
    const value = this.get(name) ?? [];
    const list: unknown[] = Array.isArray(value) ? value : [value];
    return list.map((one) => {
      if (typeof one !== "string") throw wrong(this.at(name), "must be a list of strings");
      return one;
    });
  }

  /** A map of strings; its keys are as they are. */
  map(name: string): Record<string, string> {
    const value = this.get(name) ?? {};
    if (!isObject(value)) throw wrong(this.at(name), "must be an object");
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        if (typeof one !== "string" && one !== null) throw wrong(this.at(`${name}.${key}`), "must be a string");
        return [key, one ?? ""];
      }),
    );
  }

  object(name: string): JsonFields {
    return new JsonFields(this.get(name), this.at(name));
  }

  /** A map of objects; its keys are as they are. */
  children(name: string): [key: string, fields: JsonFields][] {
    const value = this.get(name) ?? {};
    if (!isObject(value)) throw wrong(this.at(name), "must be an object");
    return Object.entries(value).map(([key, one]) => [key, new JsonFields(one, this.at(`${name}.${key}`))]);
  }

  objects(name: string): JsonFields[] {
    return this.list(name).map((one, index) => new JsonFields(one, `${this.at(name)}[${index}]`));
  }

  /** Names (as they were sent) of fields that are in none of the lists; null ones left out. */
  unknown(...known: ReadonlySet<string>[]): string[] {
    const names: string[] = [];
    for (const [folded, { name, value }] of this.#fields) {
      if (value !== null && !known.some((set) => set.has(folded))) names.push(name);
    }
    return names;
  }
}

/** A set of field names for {@link JsonFields.unknown}. */
export function fieldNames(names: string): ReadonlySet<string> {
  return new Set(names.toLowerCase().trim().split(/\s+/));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(field: string, problem: string): FairleadError {
  return new FairleadError("bad_request", `the body cannot be checked: ${field.slice(0, 200)} ${problem}`);
}
