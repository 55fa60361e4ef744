import type { Input } from "./command.ts";
import { usage } from "./command.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The value of an option that the command cannot do without. Throws a usage error where it is missing or blank. */
export function neededText(input: Input, option: string): string {
  const text = input.text(option)?.trim() ?? "";
  if (text === "") throw usage(`--${option} is missing.`);
  return text;
}

/** An optional text, trimmed. Throws a usage error where it is given and blank. */
export function optionalText(input: Input, option: string): string | undefined {
  return input.text(option) === undefined ? undefined : neededText(input, option);
}

/** Lower case. Throws a usage error for anything that is no UUID. */
export function uuidIn(text: string, what: string): string {
  if (!UUID.test(text)) throw usage(`${what} is a UUID, such as 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711.`);
  return text.toLowerCase();
}

/** A whole number within bounds, both included; `undefined` where the option was not given. Throws a usage error. */
export function wholeNumber(
  input: Input,
  option: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const text = input.text(option)?.trim();
  if (text === undefined) return undefined;
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most)) {
    throw usage(`--${option} is a whole number from ${least} to ${most}.`);
  }
  return number;
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** A time span such as 30s, 10m or 4h, in milliseconds; `undefined` where the option was not given. Throws a usage error. */
export function duration(input: Input, option: string): number | undefined {
  const text = optionalText(input, option);
  if (text === undefined) return undefined;
  const [, number, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  const spanMs = Number(number) * (UNITS_MS[unit as keyof typeof UNITS_MS] ?? 0);
  if (!(spanMs > 0)) throw usage(`--${option} is a time such as 500ms, 30s, 10m or 4h.`);
  return spanMs;
}

/** One of the words, `undefined` where the option was not given. Throws a usage error. */
export function wordOf<const Word extends string>(
  input: Input,
  option: string,
  words: readonly Word[],
): Word | undefined {
  const text = optionalText(input, option);
  const word = words.find((candidate) => candidate === text);
  if (text !== undefined && word === undefined) throw usage(`--${option} is one of ${words.join(", ")}.`);
  return word;
}

/** The ids that were given, without repetitions, or `null` for --all. Throws a usage error for neither and for both. */
export function idsOrAll(input: Input, what: string, command: string): string[] | null {
  const ids = [...new Set(input.values.map((value) => uuidIn(value, `The id of a ${what}`)))];
  if (input.flag("all") === ids.length > 0) {
    throw usage(`Name each ${what}, or say --all; ${command} shows their ids.`);
  }
  return input.flag("all") ? null : ids;
}

/** The address of a server: the value beside the options, `undefined` where there is none. Throws a usage error. */
export function serverIn(input: Input): URL | undefined {
  const [text, ...more] = input.values;
  if (more.length > 0) throw usage("One server at a time: a single URL, such as http://localhost:3001.");
  return text === undefined ? undefined : webAddress(text, "The server");
}

/** Throws a usage error for anything that is no web address. */
export function webAddress(text: string, what: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usage(`${what} is a web address, such as http://localhost:3001.`);
  }
  return url;
}
