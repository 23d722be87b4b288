/** better-auth takes the code before and after the present one too: one that was used is good for no longer than this. */
const CODE_LIFE_MS = 120_000;

/** RFC 6238 section 5.2: a code that let somebody in lets nobody in again. Holds the sign-ins of the last two minutes. */
export class UsedCodes {
  readonly #used = new Map<string, number>();

  /** False when this person has used the code already. */
  use(personId: string, code: string, now: number = Date.now()): boolean {
    for (const [key, until] of this.#used) {
      if (until > now) break;
      this.#used.delete(key);
    }
    const key = `${personId} ${code}`;
    if (this.#used.has(key)) return false;
    this.#used.set(key, now + CODE_LIFE_MS);
    return true;
  }
}
