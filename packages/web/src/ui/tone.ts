/** What a colour means in this page; nothing is coloured otherwise. */
export type Tone = "good" | "warn" | "bad" | "idle";
