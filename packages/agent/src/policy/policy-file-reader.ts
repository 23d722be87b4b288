import { FairleadError } from "@fairlead/protocol";
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";

/** A value of a policy file, which knows its place. Everything it is asked for it checks, and says what is wrong where. */
export class PolicyNode {
  /** `containers.allow[0].name`; empty for the whole file. */
  readonly path: string;
  readonly #file: PolicyFile;
  readonly #node: Node | null;

  constructor(file: PolicyFile, node: Node | null, path: string) {
    this.#file = file;
    this.#node = node;
    this.path = path;
  }

  /** @throws FairleadError `config_invalid` when it is no map, or has another key than these */
  keys<K extends string>(...known: readonly K[]): Partial<Record<K, PolicyNode>> {
    const found: Partial<Record<string, PolicyNode>> = {};
    for (const [key, value] of this.entries(`a map with some of ${known.join(", ")}`)) {
      if (!(known as readonly string[]).includes(key)) throw value.wrong(`unknown key; known are ${known.join(", ")}`);
      found[key] = value;
    }
    return found;
  }

  entries(wanted: string): [key: string, value: PolicyNode][] {
    if (!isMap(this.#node)) throw this.wrong(`must be ${wanted}`);
    return this.#node.items.map(({ key, value }) => {
      const name = isScalar(key) && typeof key.value === "string" ? key.value : undefined;
      if (name === undefined) throw this.wrong("has a key that is not a text");
      const path = this.path === "" ? name : `${this.path}.${name}`;
      return [name, new PolicyNode(this.#file, (value ?? key) as Node, path)];
    });
  }

  list(wanted: string): PolicyNode[] {
    if (!isSeq(this.#node)) throw this.wrong(`must be a list of ${wanted}`);
    return this.#node.items.map((item, index) => new PolicyNode(this.#file, item as Node, `${this.path}[${index}]`));
  }

  text(wanted: string): string {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    // `1000` is a user as good as `nobody`.
    if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
    if (typeof value !== "string" || value === "") throw this.wrong(`must be ${wanted}`);
    return value;
  }

  oneOf<T extends string>(...allowed: readonly T[]): T {
    const value = this.text(allowed.join(" or "));
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw this.wrong(`is ${JSON.stringify(value)}; allowed are ${allowed.join(", ")}`);
    return found;
  }

  wrong(problem: string): FairleadError {
    return this.#file.wrong(this.#node, this.path, problem);
  }
}

/** A parsed policy file. */
export class PolicyFile {
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  /**
   * @param path for messages
   * @throws FairleadError `config_invalid` when it is not one YAML document
   */
  constructor(path: string, text: string) {
    this.#path = path;
    const document = parseDocument(text, { lineCounter: this.#lines, strict: true, uniqueKeys: true });
    this.#document = document;
    // A tag or a directive that is not understood is worth no less than an error here.
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem === undefined) return;
    const [reason] = problem.message.split("\n");
    throw fileInvalid(path, problem.linePos?.[0].line, "", reason ?? "is not YAML");
  }

  get root(): PolicyNode {
    return new PolicyNode(this, this.#document.contents, "");
  }

  wrong(node: Node | null, path: string, problem: string): FairleadError {
    const offset = node?.range?.[0];
    const line = offset === undefined ? undefined : this.#lines.linePos(offset).line;
    return fileInvalid(this.#path, line, path, isAlias(node) ? "must be written out, not as an alias" : problem);
  }
}

function fileInvalid(file: string, line: number | undefined, path: string, problem: string): FairleadError {
  const where = line === undefined ? file : `${file} line ${line}`;
  const text = `the policy ${where}: ${path === "" ? "" : `${path}: `}${problem}`;
  return new FairleadError("config_invalid", text, { details: { variable: "POLICY" } });
}
