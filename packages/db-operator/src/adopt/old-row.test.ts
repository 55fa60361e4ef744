import { expect, test } from "vitest";
import { dollarsOf } from "./old-row.ts";

test.each([
  ["$0.42", 0.42],
  ["0.42 USD", 0.42],
  ["$1,234.56", 1234.56],
  ["1,234,567", 1_234_567],
  ["1,23", null],
  ["12,34.5", null],
  ["0.42 EUR", null],
])("an amount such as %s", (cost, dollars) => {
  expect(dollarsOf({ table: "calls", id: "1", fields: { cost } }, "cost")).toBe(dollars);
});
