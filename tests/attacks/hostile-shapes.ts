import fc from "fast-check";

const MEGABYTE = 1024 * 1024;

/** The places in a body where a sender can put any value, each as the text before it and after it. */
const PLACES: readonly (readonly [string, string])[] = [
  ["tool-calls", `"toolCallList":`],
  ["tool-calls", `"toolWithToolCallList":`],
  ["end-of-call-report", `"artifact":{"messages":`],
  ["end-of-call-report", `"messages":`],
  ["end-of-call-report", `"analysis":`],
  ["end-of-call-report", `"artifact":{"structuredOutputs":`],
  ["end-of-call-report", `"costBreakdown":`],
  ["end-of-call-report", `"transcript":`],
  ["status-update", `"status":"ringing","x":`],
  ["hang", `"x":`],
].map(([type, field = ""]) => [
  `{"message":{"type":"${type}","call":{"id":"shape"},${field}`,
  "}".repeat(field.includes("{") ? 3 : 2),
]);

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

/** The elements that hostile lists are made of. */
const ELEMENTS = [
  "{}",
  "0",
  "[]",
  '"a"',
  '"\\u0000"',
  '"\\ud800"',
  '{"id":"a"}',
  '{"apiKey":"x"}',
  '{"role":"bot","message":"hello","time":1700000000000,"secondsFromStart":1.5}',
  '{"name":"authorization","value":"x"}',
  '"https://a.test/?sig=1"',
  '"{\\"token\\":\\"x\\"}"',
  nested(60),
  `{"a":${nested(20)}}`,
];

/** The units that hostile texts are made of, other than lists. */
const TEXTS = ["a", "\\u0000", "\\ud800", "я", "https://a.test/?sig=1 ", "Bearer ", "eyJ", '{\\"a\\":'];

/** The units of bodies that are not JSON. */
const RAW = [
  "[",
  "[]",
  "{",
  '{"a":',
  '"a":"a":',
  '"',
  "\\",
  ",",
  ":",
  "a=b&",
  "apiKey=b&",
  "a ",
  "\u0000",
  "-----BEGIN ",
];

const repeated = (unit: string, bytes: number) => unit.repeat(Math.max(1, Math.floor(bytes / unit.length)));

function keys(prefix: string, bytes: number): string {
  const count = Math.max(1, Math.floor(bytes / (prefix.length + 14)));
  return `{${Array.from({ length: count }, (_, place) => `"${prefix}${place}":"x"`).join()}}`;
}

/** The shapes that stopped the process before, each `bytes` long. */
export function knownShapes(bytes: number): (readonly [string, () => Buffer])[] {
  const inside = (content: (bytes: number) => string) =>
    PLACES.map(
      ([before, after], place) =>
        [
          `${content(20).slice(0, 24)} in place ${place}`,
          () => Buffer.from(before + content(bytes - 100) + after),
        ] as const,
    );
  const lists = ["{}", '{"id":"a"}', "0", nested(60)].flatMap((element) =>
    inside((size) => `[${repeated(`${element},`, size)}0]`).slice(0, 5),
  );
  const objects = [inside((size) => keys("k", size))[4], inside((size) => keys("apiKey", size))[9]];
  const texts = [inside((size) => `"${repeated("hello ", size)}"`)[7]];
  const raw = RAW.map((unit) => [`raw ${unit}`, () => Buffer.from(repeated(unit, bytes))] as const);
  return [...lists, ...objects, ...texts, ...raw].filter((shape) => shape !== undefined);
}

/** Bodies of 1 KB to 5 MB with any hostile value in any place; some are cut off. */
export const GENERATED_SHAPE: fc.Arbitrary<() => Buffer> = fc
  .record({
    place: fc.constantFrom(...PLACES),
    content: fc.oneof(
      fc.constantFrom(...ELEMENTS).map((unit) => (size: number) => `[${repeated(`${unit},`, size)}0]`),
      fc.constantFrom("k", "apiKey", "nameToken").map((prefix) => (size: number) => keys(prefix, size)),
      fc.constantFrom(...TEXTS).map((unit) => (size: number) => `"${repeated(unit, size)}"`),
      fc.constantFrom(...RAW).map((unit) => (size: number) => repeated(unit, size)),
    ),
    // Each decade of sizes is equally frequent.
    size: fc.double({ min: Math.log(1_000), max: Math.log(4.9 * MEGABYTE), noNaN: true }).map(Math.exp),
    isCut: fc.constantFrom(true, false, false, false),
  })
  .map(({ place: [before, after], content, size, isCut }) => () => {
    const body = Buffer.from(before + content(Math.floor(size)) + after).subarray(0, 5 * MEGABYTE);
    return isCut ? body.subarray(0, Math.floor(body.length * 0.7)) : body;
  });
