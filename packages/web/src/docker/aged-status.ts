const UNITS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3_600,
  day: 86_400,
  week: 604_800,
  month: 2_592_000,
  year: 31_536_000,
};

/** As the engine writes spans. "About an hour" is one hour. */
const SPAN = /Less than a second|About an? (minute|hour)|(\d+) (second|minute|hour|day|week|month|year)s?/;

/**
 * The engine's sentence about a container as it would read now: "Up 3 minutes (healthy)" of ten minutes ago is "Up 13 minutes (healthy)".
 * What has no span in it stays.
 */
export function agedStatus(status: string, toldAt: number, now: number): string {
  const found = SPAN.exec(status);
  if (!found || now - toldAt < 1_000) return status;
  const [text, about, number, unit] = found;
  const base = about !== undefined ? (UNITS[about] ?? 0) : unit === undefined ? 0 : Number(number) * (UNITS[unit] ?? 0);
  const size = UNITS[about ?? unit ?? "second"] ?? 1;
  const passed = (now - toldAt) / 1000;
  // Until another of its own units has passed it would read the same.
  if (passed < size && base > 0) return status;
  return status.replace(text, span(base + passed));
}

/** As the engine's own: one unit, rounded down. */
function span(seconds: number): string {
  if (seconds < 1) return "Less than a second";
  const plural = (number: number, unit: string): string => `${number} ${unit}${number === 1 ? "" : "s"}`;
  if (seconds < 60) return plural(Math.floor(seconds), "second");
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(seconds / 3_600);
  if (hours <= 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}
