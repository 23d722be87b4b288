import type { Light, LightState } from "@fairlead/protocol/rest";

/** What a lamp shows. Times are Unix milliseconds. */
export interface LampState {
  readonly state: LightState;
  /** When this state began. */
  readonly since: number | null;
  /** When it was last seen to be so. */
  readonly checkedAt: number | null;
  readonly error: string | null;
}

/** Words of engines and systems go into lights; a page of HTML does not. */
const MAX_ERROR_CHARACTERS = 500;

/** One of a host's lights, with the time since when it shows what it shows. */
export class Lamp {
  #shown: LampState;

  constructor(shown: LampState = { state: "unknown", since: null, checkedAt: null, error: null }) {
    this.#shown = shown;
  }

  get shown(): LampState {
    return this.#shown;
  }

  get state(): LightState {
    return this.#shown.state;
  }

  /**
   * True when people see a difference: another state, or another reason.
   *
   * @param at when it was seen, or came to be.
   */
  show(state: LightState, at: number, error: string | null = null, checkedAt = at): boolean {
    const before = this.#shown;
    const words = error === null ? null : error.slice(0, MAX_ERROR_CHARACTERS);
    this.#shown = { state, since: before.state === state ? before.since : at, checkedAt, error: words };
    return before.state !== state || before.error !== words;
  }
}

/** As the REST API shows it. */
export function lightView({ state, since, checkedAt, error }: LampState): Light {
  return { state, since: isoTime(since), checkedAt: isoTime(checkedAt), error };
}

export function isoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
