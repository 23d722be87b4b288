/** What a way to a hub or an engine is made of, in the order of the way. */
export type Layer = "settings" | "DNS" | "proxy" | "TCP" | "TLS" | "hub" | "token" | "upgrade" | "link" | "Docker";

/** The result of looking at one layer. */
export interface Finding {
  /** What was looked at: a URL, an environment's name. */
  readonly target: string;
  readonly layer: Layer;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it, when it is not ok. */
  readonly advice?: string;
}

/** A layer that fails, with what to do. */
export class LayerProblem extends Error {
  override readonly name = "LayerProblem";
  readonly advice: string;

  constructor(detail: string, advice: string) {
    super(detail);
    this.advice = advice;
  }
}

/** The layer failed and is told: what lies behind it cannot be looked at. */
export class StopHere extends Error {
  override readonly name = "StopHere";
}

/** Looks at the layers of one target one after the other, and tells of each. */
export class Examination {
  readonly #target: string;
  readonly #tell: (finding: Finding) => void;

  constructor(target: string, tell: (finding: Finding) => void) {
    this.#target = target;
    this.#tell = tell;
  }

  /** @param look what it returns is what was found; a `LayerProblem`, or any error, is the layer's failure. @throws StopHere */
  async layer<T>(layer: Layer, look: () => Promise<{ detail: string; value: T }>): Promise<T> {
    try {
      const { detail, value } = await look();
      this.#tell({ target: this.#target, layer, ok: true, detail });
      return value;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const advice = error instanceof LayerProblem ? { advice: error.advice } : {};
      this.#tell({ target: this.#target, layer, ok: false, detail, ...advice });
      throw new StopHere();
    }
  }
}
