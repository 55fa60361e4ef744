import type { Json } from "@call-ledger/domain";
import { isPlaceholder, PLACEHOLDERS, saysUnder } from "@call-ledger/domain";
import { expect, test } from "vitest";
import { useLedger } from "../src/testing/ledger-under-test.ts";

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
