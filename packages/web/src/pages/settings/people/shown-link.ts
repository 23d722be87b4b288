/** A link that is shown this once, and whom it is for. */
export interface ShownLink {
  readonly url: string;
  readonly forWhom: string;
}
