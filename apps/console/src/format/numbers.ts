const LANGUAGE = "en";
const counts = new Intl.NumberFormat(LANGUAGE);
const cents = new Intl.NumberFormat(LANGUAGE, { style: "currency", currency: "USD" });
const small = new Intl.NumberFormat(LANGUAGE, {
  style: "currency",
  currency: "USD",
  minimumFractionDigits: 4,
  maximumFractionDigits: 4,
});

export function count(value: number): string {
  return counts.format(value);
}

const tenths = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A number of megabytes with one decimal: `18,771.8`. */
export function megabytes(value: number): string {
  return tenths.format(value);
}

/** The API's decimal string as dollars, with two decimals. Amounts below a cent have four. */
export function dollars(value: string): string {
  // NumberFormat formats decimal strings exactly, but its older type allows only numbers.
  const exact = value as unknown as number;
  const isSmall = Number(value) !== 0 && Math.abs(Number(value)) < 0.01;
  return isSmall ? small.format(exact) : cents.format(exact);
}

/** The least number from `value` on whose half is whole and round, for the line in the middle of a chart. */
export function evenMax(value: number): number {
  const half = value / 2;
  const step = half <= 10 ? 1 : 10 ** Math.floor(Math.log10(half)) / 2;
  return 2 * step * Math.ceil(half / step);
}

/** Whole seconds as `0:42`, `12:05` or `1:02:03`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60), whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** The sum of many durations: `42 min`, or from an hour on `2,068 h 41 min`; below a minute `35 s`. */
export function talkTime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** A count of a list that was not read to its end as `100+`. */
export function countOrMore(value: number, isMore: boolean): string {
  return `${count(value)}${isMore ? "+" : ""}`;
}

/** The API's decimal string as dollars with four decimals, so that the parts of a sum are below each other. */
export function exactDollars(value: string): string {
  return small.format(value as unknown as number);
}

/** Milliseconds as `640 ms`, `1.24 s`, `10 min 5 s`, `26 h 3 min` or, from two days on, `1,230 days`. */
export function milliseconds(value: number): string {
  const minutes = Math.floor(value / 60_000);
  if (minutes >= 2 * 1_440) return `${count(Math.floor(minutes / 1_440))} days`;
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  if (minutes >= 1) return `${minutes} min ${Math.floor((value % 60_000) / 1_000)} s`;
  return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(2)} s`;
}

const SIZES = ["B", "kB", "MB", "GB"] as const;

/** Bytes as `412 B`, `3.4 MB`. */
export function byteSize(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log(bytes) / Math.log(1_000)));
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${SIZES[power]}`;
}

const NORTH_AMERICAN = /^\+1(\d{3})(\d{3})(\d{4})$/;

/** A telephone number as it is written in its country, if that is known; else unchanged. */
export function phoneNumber(e164: string): string {
  const [, area, exchange, line] = NORTH_AMERICAN.exec(e164) ?? [];
  return area === undefined ? e164 : `+1 ${area} ${exchange} ${line}`;
}
