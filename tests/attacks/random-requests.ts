import type { Route } from "@call-ledger/contract/route";
import type { Random } from "@call-ledger/simulator";
import { z } from "zod";
import type { TableRequest } from "./table-requests.ts";
import { parametersOf } from "./table-requests.ts";

/** Forged cursors with instants that do not exist. */
const FORGED_CURSORS = ["2026-99-99 00:00:00+00", "2026-02-30 00:00:00+00", "2026-03-04 10:00:00+99"].flatMap(
  (instant) => {
    const place = [instant, "00000000-0000-4000-8000-000000000000"];
    const kinds = [place, ["audit", ...place], ["start", "desc", ...place], ["recordings", ...place]];
    return kinds.map((kind) => Buffer.from(JSON.stringify(kind)).toString("base64url"));
  },
);

/** Texts that every route has to handle in any place. */
const HOSTILE_TEXTS = [
  "",
  " ",
  "null",
  "0",
  "-1",
  "1e309",
  "9223372036854775808",
  "NaN",
  "true",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\u202e\ufeff",
  "я日本🦜",
  "'; drop table calls; --",
  "%' or 1=1 --",
  "%",
  "_%_",
  "\\",
  "../../etc/passwd",
  "%2e%2e%2f",
  "{{7*7}}",
  "=cmd|' /C calc'!A0",
  "a,b,,c",
  ",".repeat(500),
  "x".repeat(5_000),
  "00000000-0000-4000-8000-000000000000",
  "2026-02-30",
  "0000-01-01",
  "9999-12-31",
  "9999-12-31T23:59:59.999999Z",
  "-004713-01-01T00:00:00Z",
  "2026-03-04T00:00:00+26:00",
  "1e3",
  "__proto__",
  "constructor",
  "eyJpZCI6MX0",
  "WzEsMl0",
  "bnVsbA",
  "WyJ4IiwieSJd",
] as const;

const HOSTILE_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e21,
  Number.MAX_SAFE_INTEGER,
  [],
  {},
  [null],
  [[[[]]]],
  { a: { b: { c: null } } },
  ...HOSTILE_TEXTS,
];

const RAW_BODIES = [
  "",
  "{",
  "[]",
  "null",
  '"',
  "0",
  '{"__proto__":{"a":1}}',
  "[".repeat(10_000),
  "\u0000",
  "ÿþ",
];

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { accept: "text/csv" },
  { accept: "image/png;q=0" },
  { "if-none-match": '*,W/"",x' },
  { "last-event-id": "x" },
  { "last-event-id": "9223372036854775808.1" },
  { "last-event-id": "-1" },
  { "idempotency-key": "a b" },
  { "idempotency-key": "k".repeat(256) },
  { "idempotency-key": "again" },
  { "content-type": "text/plain" },
  { "content-type": "application/json; charset=utf-7" },
  { "content-encoding": "gzip" },
  { "content-encoding": "br" },
  { origin: "https://evil.test", "sec-fetch-site": "cross-site" },
  { "user-agent": "x".repeat(4_000) },
  { range: "bytes=9-1" },
  { "x-forwarded-proto": "gopher" },
  { host: "evil.test" },
];

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

type KnownIds = Readonly<Record<string, string>>;

/** Returns a request for a route: its accepted input, with some hostile values in it. */
export function randomRequest(random: Random, route: Route, ids: KnownIds): TableRequest {
  const names = parametersOf(route);
  const values = Object.fromEntries(names.map((name) => [name, randomId(random, name, ids)]));
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
  const query = randomQuery(random, route, ids);
  const body = randomBody(random, route, ids);
  return {
    method: random.chance(0.95) ? route.method : random.pick(METHODS),
    path: `${path}${query}`,
    headers: Object.assign({}, ...(random.chance(0.3) ? [random.pick(HEADERS), random.pick(HEADERS)] : [])),
    body: route.body === undefined && random.chance(0.95) ? undefined : body,
  };
}

function randomId(random: Random, name: string, ids: KnownIds): string {
  if (random.chance(0.5)) return encodeURIComponent(ids[name] ?? random.uuid());
  return random.chance(0.2) ? "%ff" : escaped(random.pick(HOSTILE_TEXTS)) || "%20";
}

function randomQuery(random: Random, { query, example }: Route, ids: KnownIds): string {
  const pairs = new Map<string, string>(random.chance(0.7) ? Object.entries(example?.query ?? {}) : []);
  for (const [name, described] of propertiesOf(query)) {
    const isForged = name === "cursor" && random.chance(0.5);
    const value = isForged ? random.pick(FORGED_CURSORS) : randomValue(random, described, ids);
    if (random.chance(0.25)) pairs.set(name, String(value));
  }
  if (random.chance(0.1))
    pairs.set(random.pick(["organization", "x", "__proto__", "limit"]), hostile(random));
  const text = [...pairs].map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join("&");
  if (random.chance(0.02)) return `?${text}&${text}&=&%ff=%`;
  return text === "" ? "" : `?${text}`;
}

function randomBody(random: Random, { body, example }: Route, ids: KnownIds): string {
  if (random.chance(0.05)) return random.pick(RAW_BODIES);
  const fields: Record<string, unknown> = random.chance(0.7) ? { ...Object(example?.body) } : {};
  for (const [name, described] of propertiesOf(body)) {
    if (random.chance(0.3)) fields[name] = randomValue(random, described, ids);
  }
  if (random.chance(0.05)) fields[random.pick(HOSTILE_TEXTS)] = random.pick(HOSTILE_VALUES);
  return JSON.stringify(fields);
}

type Described = z.core.JSONSchema._JSONSchema;

const described = new WeakMap<z.ZodType, readonly [string, Described][]>();

function propertiesOf(schema: z.ZodType | undefined): readonly [string, Described][] {
  if (schema === undefined) return [];
  const known = described.get(schema);
  if (known !== undefined) return known;
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const entries = Object.entries(properties);
  described.set(schema, entries);
  return entries;
}

/** Returns a value that a schema may accept, or one that it should refuse. */
function randomValue(random: Random, schema: Described, ids: KnownIds): unknown {
  if (typeof schema === "boolean" || random.chance(0.35)) return random.pick(HOSTILE_VALUES);
  const { type, enum: choices, anyOf, format, items, minimum = 0, maximum = 1_000 } = schema;
  if (anyOf !== undefined) return randomValue(random, random.pick(anyOf), ids);
  if (choices !== undefined) return random.pick(choices);
  if (format === "uuid") return random.pick(Object.values(ids));
  if (format === "date") return random.pick(["2026-03-04", "2026-03-05", "0001-01-01", "9999-12-31"]);
  if (format === "date-time")
    return random.pick(["2026-03-04T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]);
  if (type === "integer" || type === "number") return random.int(minimum, Math.min(maximum, 1_000));
  if (type === "array" && !Array.isArray(items) && items !== undefined)
    return [randomValue(random, items, ids)];
  if (type === "null") return null;
  return random.chance(0.5) ? random.pick(Object.values(ids)) : hostile(random);
}

function hostile(random: Random): string {
  return random.pick(HOSTILE_TEXTS);
}

/**
 * Returns the text percent-encoded. Half of a surrogate pair has no encoding, so it becomes the bytes that other
 * programs send for it.
 */
function escaped(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : "%ed%a0%80";
}
