import type { Json } from "@call-ledger/domain";
import { factsInList, isPlaceholder, PLACEHOLDERS, saysUnder } from "@call-ledger/domain";
import { expect, test } from "vitest";
import { known, report, useLedger } from "../src/testing/ledger-under-test.ts";
import { recordDeliveries } from "../src/write/index.ts";

const ledger = useLedger();

const TEXTS = [
  ...PLACEHOLDERS,
  ...PLACEHOLDERS.map((word) => `\u00a0${word.toUpperCase()}\n`),
  ...[
    "",
    " \t\u3000",
    "{{customer.name}}",
    " {{a\nb}} ",
    "{{a}} b",
    "{{}",
    "{a}",
    "nobody",
    "n / a",
    "-1",
    "unknown caller",
  ],
];

test("SQL and TypeScript agree on which texts are no value", async () => {
  const rows = await ledger.owner`
    select t.text, call_ledger.is_placeholder(t.text) as is, call_ledger.cut_blanks(t.text) as cut
    from unnest(${TEXTS}::text[]) with ordinality t (text, place) order by t.place`;
  expect(rows.map((row) => ({ ...row }))).toEqual(
    TEXTS.map((text) => ({ text, is: isPlaceholder(text), cut: text.trim() })),
  );
});

test("SQL and TypeScript agree on which values under a key say something", async () => {
  const inner: readonly Json[] = [...TEXTS, null, 0, 7, true, false, [], [null], {}, { a: null }];
  const values: readonly Json[] = [
    ...inner,
    ...inner.flatMap((one) => [
      { name: "n", result: one },
      { name: "n", score: one },
    ]),
  ];
  for (const part of ["structuredOutputs", "scorecards", "metadata"]) {
    const rows = await ledger.owner`
      select call_ledger.says_under(${part}, v.value) as says
      from jsonb_array_elements(${JSON.stringify(values)}::text::jsonb) with ordinality v (value, place) order by v.place`;
    const expected = values.map((value) => saysUnder(part, value));
    expect(rows.map(({ says }) => says)).toEqual(expected);
    expect(new Set(expected)).toEqual(new Set([true, false]));
  }
});

test("SQL and TypeScript count the same facts in a list", async () => {
  const lists: readonly Json[] = [
    [],
    [null, "", 0, -0, false, " ", 0.5, "a"],
    [[], {}, [[]], { a: [{ b: [1, "x", null] }], "": "y" }],
    [{ type: "string", string: { type: "number" }, "@": ["$", "**"] }],
    Array.from({ length: 500 }, (_, place) => ({ time: place, message: "m".repeat(place % 3) })),
  ];
  const rows = await ledger.owner`
    select call_ledger.facts_in_list(v.value) as facts
    from jsonb_array_elements(${JSON.stringify(lists)}::text::jsonb) with ordinality v (value, place) order by v.place`;
  expect(rows.map(({ facts }) => facts)).toEqual(lists.map(factsInList));
  expect(lists.map(factsInList).slice(0, 4)).toEqual([0, 4, 3, 4]);
});

test("reports with 20,000 keys in a part are merged in a time that is linear in them", async () => {
  const said = (from: number, transcript: string) => {
    const keys = Array.from({ length: 20_000 }, (_, place) => [`k${from + place}`, place]);
    const event = report([], transcript);
    const analysis = { structuredData: Object.fromEntries(keys) };
    return ledger.delivery({ ...event, report: { ...event.report, analysis } }, known);
  };
  // In a quadratic time the second takes 20 s and the third 100 s.
  for (const [place, from] of [0, 10_000, 20_000].entries()) {
    const options = { transport: "literal", deadlineMs: 15_000 } as const;
    const delivery = said(from, "x".repeat(place + 1));
    expect(await recordDeliveries(ledger.pool, [delivery], options)).toMatchObject([{ outcome: "applied" }]);
  }
  const [row] = await ledger.owner`
    select (select count(*)::int from jsonb_object_keys(analysis -> 'structuredData')) as keys
    from call_logs where provider_call_id = ${ledger.call}`;
  expect(row).toEqual({ keys: 40_000 });
}, 60_000);
