/** True when an engine that speaks `version` ("1.45") speaks `needed`, too. One that was never asked speaks nothing for sure. */
export function speaksVersion(version: string | undefined, needed: string): boolean {
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split(".").map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}
