/** The console writes all times in English, in the organization's time zone. */
const LANGUAGE = "en";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${name}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(LANGUAGE, { timeZone: zone, hourCycle: "h23", ...options });
  formats.set(key, made);
  return made;
}

/** The city of an IANA time zone: `New York` for `America/New_York`. */
export function zoneCity(zone: string): string {
  return zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");
}

/** `14:03:21` */
export function clockTime(at: Date, zone: string): string {
  return format(zone, "clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
}

/** `Mar 4, 14:03`, with the year if it is not the present one. */
export function shortDateTime(at: Date, zone: string, now = new Date()): string {
  const options = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" } as const;
  if (yearOf(at, zone) === yearOf(now, zone)) return format(zone, "short", options).format(at);
  return format(zone, "short with year", { ...options, year: "numeric" }).format(at);
}

/** `Mar 4, 14:03:21`, with the year if it is not the present one. */
export function preciseDateTime(at: Date, zone: string, now = new Date()): string {
  const options = {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  } as const;
  if (yearOf(at, zone) === yearOf(now, zone)) return format(zone, "precise", options).format(at);
  return format(zone, "precise with year", { ...options, year: "numeric" }).format(at);
}

/** `Wednesday, March 4, 2026 at 14:03:21 GMT-6` */
export function longDateTime(at: Date, zone: string): string {
  return format(zone, "long", {
    weekday: "long",
    year: "numeric",
    month: "long",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  }).format(at);
}

/** `2026-03-04 20:03:21.120`, of UTC */
export function utcDateTime(at: Date): string {
  return at.toISOString().replace("T", " ").replace("Z", "");
}

/** `2026-03-04`: the day of a moment in the zone. */
export function dayOf(at: Date, zone: string): string {
  const parts = format(zone, "day", { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** A day of a calendar (`2026-03-04`) as `Mar 4`, with the year if it is not the present one. */
export function shortDay(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  const options = { month: "short", day: "numeric" } as const;
  if (at.getUTCFullYear() === new Date().getUTCFullYear())
    return format("UTC", "calendar day", options).format(at);
  return format("UTC", "calendar day with year", { ...options, year: "numeric" }).format(at);
}

/** Whether a text is a day that the calendar has, as `2026-03-04`. */
export function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text;
}

/** The day `days` later. */
export function addDays(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

function yearOf(at: Date, zone: string): string {
  return format(zone, "year", { year: "numeric" }).format(at);
}

const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto", style: "narrow" });
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** `5 min. ago`, `in 3 hr.` */
export function relativeTime(at: Date, now = new Date()): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1_000);
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? (["second", 1] as const);
  return relative.format(Math.trunc(seconds / size), unit);
}

/** A duration in its largest unit: `5 hr`, `3 min`. */
export function span(seconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? (["second", 1] as const);
  return new Intl.NumberFormat(LANGUAGE, { style: "unit", unit, maximumFractionDigits: 0 }).format(
    Math.trunc(seconds / size),
  );
}

/** The time between two runs, to follow the word "every": `30 seconds`, `hour`. */
export function interval(seconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? (["second", 1] as const);
  const amount = Math.trunc(seconds / size);
  if (amount === 1) return unit;
  return new Intl.NumberFormat(LANGUAGE, { style: "unit", unit, unitDisplay: "long" }).format(amount);
}
