import { daySchema, instantSchema } from "@call-ledger/contract/values";
import { isUuid } from "@call-ledger/domain";
import { usage } from "./command.ts";

/** Returns a UUID in lower case. Throws a usage error for other text. */
export function uuid(text: string, what: string): string {
  if (!isUuid(text)) throw usage(`${what} has to be a UUID, such as 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711.`);
  return text.toLowerCase();
}

/** Returns a parser of whole numbers from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  return (text: string, option: string): number => {
    const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw usage(`${option} has to be a whole number from ${min} to ${max}.`);
  };
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Returns a time span such as 30s, 10m or 4h in milliseconds. Throws a usage error. */
export function duration(text: string, option: string): number {
  const [, number, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  const spanMs = Number(number) * (UNITS_MS[unit as keyof typeof UNITS_MS] ?? 0);
  if (!(spanMs > 0)) throw usage(`${option} has to be a time such as 500ms, 30s, 10m or 4h.`);
  return spanMs;
}

const DAY_MS = 86_400_000;

/**
 * Returns a time span in milliseconds since 1970, from its first moment to before its last: of days in UTC, both
 * included, or of times in UTC. Without `to` it ends at `now`. Throws a usage error.
 */
export function timeSpan(from: string, to: string | undefined, now: number): { from: number; to: number } {
  const begin = momentIn(from, "--from");
  const end = to === undefined ? now : momentIn(to, "--to") + (daySchema.safeParse(to).success ? DAY_MS : 0);
  if (begin >= end) throw usage("--from has to be before --to.");
  return { from: begin, to: end };
}

function momentIn(text: string, option: string): number {
  if (daySchema.safeParse(text).success || instantSchema.safeParse(text).success) return Date.parse(text);
  throw usage(
    `${option} has to be a day, such as 2026-11-28, or a time in UTC, such as 2026-11-28T02:00:00Z.`,
  );
}

/** What ids name, such as `alarm`, and the command that shows the ids. */
type Named = { readonly what: string; readonly shownBy: string };

/** Returns the only id. Throws a usage error if there is none, or more than one. */
export function oneId(values: readonly string[], named: Named): string {
  const [id, ...more] = idsIn(values, named);
  if (id !== undefined && more.length === 0 && values.length === 1) return id;
  throw usage(`Name one ${named.what} by its id; ${named.shownBy} shows them.`);
}

/** Returns one or more ids without repetitions. Throws a usage error if there is none. */
export function eachId(values: readonly string[], named: Named): string[] {
  if (values.length === 0) throw usage(`Name each ${named.what} by its id; ${named.shownBy} shows them.`);
  return idsIn(values, named);
}

/**
 * Returns the given ids without repetitions, or `null` for --all. Throws a usage error if neither or both are given.
 */
export function idsOrAll(values: readonly string[], all: boolean, named: Named): string[] | null {
  const ids = idsIn(values, named);
  const { what, shownBy } = named;
  if (all === ids.length > 0) throw usage(`Name each ${what}, or use --all; ${shownBy} shows their ids.`);
  return all ? null : ids;
}

function idsIn(values: readonly string[], { what }: Named): string[] {
  const which = `The id of ${/^[aeiou]/.test(what) ? "an" : "a"} ${what}`;
  return [...new Set(values.map((value) => uuid(value, which)))];
}

/**
 * Returns the address of a server from the values beside the options; `undefined` if there is none. Throws a usage
 * error.
 */
export function serverIn([text, ...more]: readonly string[]): URL | undefined {
  if (more.length > 0) throw usage("One server at a time: a single URL, such as http://localhost:3001.");
  return text === undefined ? undefined : webAddress(text, "The server");
}

/** Returns the same. Throws a usage error if there is none. */
export function requiredServer(values: readonly string[], command: string): URL {
  const server = serverIn(values);
  if (server === undefined) throw usage(`${command} needs the URL of the server.`);
  return server;
}

/** Returns the URL of a database. Throws a usage error for other text. */
export function databaseUrl(text: string, option: string): string {
  if (/^postgres(?:ql)?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw usage(`${option} has to be the URL of a database: postgres://login:password@host/database.`);
}

/** Returns a web address. Throws a usage error for other text. */
export function webAddress(text: string, what: string): URL {
  if (text === "") throw usage(`${what} is not set.`);
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usage(`${what} has to be a web address, such as http://localhost:3001.`);
  }
  return url;
}
