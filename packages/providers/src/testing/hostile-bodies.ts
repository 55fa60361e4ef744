import fc from "fast-check";

const encoder = new TextEncoder();

/** Unexpected values of a field. */
const HOSTILE_VALUE: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    null,
    "",
    "   ",
    "\u0000",
    "a\u0000b",
    "\ud800 alone",
    "alone \udfff",
    "😀".repeat(150),
    "x".repeat(300),
    -1,
    0.5,
    1e308,
    Number.MAX_SAFE_INTEGER,
    253_402_300_800_000,
    "12",
    "-7.5",
    "2026-03-12T15:04:03.655Z",
    "9999-99-99T99:99:99Z",
    "https://user:pass@recordings.example.test/a.wav?signature=b#c",
    "javascript:alert(1)",
    "http://",
    true,
    [],
    {},
    [[[[]]]],
    { id: { id: "nested" } },
    { "\u0000": "\udc00", length: 3 },
    JSON.parse('{"__proto__": {"type": "polluted"}, "constructor": 1, "toString": null}'),
  ),
);

type Edit = { readonly at: number; readonly value: unknown };

/** Generates bodies that no provider sends: random bytes, random JSON, deep nesting, and damaged deliveries. */
export function hostileBodies(deliveries: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const delivery = fc.constantFrom(...deliveries);
  const document = fc.constantFrom(...deliveries.flatMap(documentIn));
  const edit = fc.record({ at: fc.nat(), value: HOSTILE_VALUE });
  return fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    { weight: 1, arbitrary: fc.json().map((text) => encoder.encode(text)) },
    { weight: 1, arbitrary: fc.integer({ min: 100, max: 20_000 }).map(nested) },
    { weight: 1, arbitrary: fc.tuple(delivery, fc.nat(), fc.nat(255)).map(withByte) },
    {
      weight: 8,
      arbitrary: fc.tuple(document, fc.array(edit, { minLength: 1, maxLength: 4 })).map(withEdits),
    },
  );
}

function nested(depth: number): Uint8Array {
  const inner = `${"[".repeat(depth)}${"]".repeat(depth)}`;
  return encoder.encode(`{"message":{"type":"hang","call":{"id":"deep"},"deep":${inner}}}`);
}

function withByte([body, at, byte]: [Uint8Array, number, number]): Uint8Array {
  return body.map((old, index) => (index === at % body.length ? byte : old));
}

function documentIn(body: Uint8Array): unknown[] {
  try {
    return [JSON.parse(new TextDecoder().decode(body))];
  } catch {
    return [];
  }
}

/** Replaces the values at some places of the document, one after another. */
function withEdits([document, edits]: [unknown, readonly Edit[]]): Uint8Array {
  const edited = edits.reduce((json, { at, value }) => withEdit(json, at % countOf(json), value), document);
  return encoder.encode(JSON.stringify(edited));
}

function countOf(json: unknown): number {
  if (json === null || typeof json !== "object") return 1;
  return 1 + Object.values(json).reduce((sum: number, inner: unknown) => sum + countOf(inner), 0);
}

/** Replaces the `at`-th place of a value, counted depth first. */
function withEdit(json: unknown, at: number, value: unknown): unknown {
  if (at === 0) return value;
  if (json === null || typeof json !== "object") return json;
  let place = at - 1;
  const entries = Object.entries(json).map(([key, inner]): [string, unknown] => {
    const here = place;
    place -= countOf(inner);
    return [key, here >= 0 && here < countOf(inner) ? withEdit(inner, here, value) : inner];
  });
  return Array.isArray(json) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}
