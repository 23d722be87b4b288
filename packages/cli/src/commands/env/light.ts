import type { Light } from "@fairlead/protocol/rest";
import type { Style, Tone } from "../../output/style.ts";

const TONES: Record<Light["state"], Tone> = { up: "good", down: "bad", unknown: "faint" };

/** One of a host's two lights, in its colour. */
export function paintLight(style: Style, light: Light): string {
  return style.paint(TONES[light.state], light.state);
}
