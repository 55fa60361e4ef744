import { expect, test } from "vitest";
import { changedFields } from "./changed-fields.ts";

test("a field has its value before and after, as text", () => {
  const before = { name: "Clinic", tags: ["a", "b"], note: null };
  const after = { name: "Clinic", tags: ["b"], note: "New", more: { calls: 2 } };
  expect(changedFields(before, after)).toEqual([
    { name: "name", before: "Clinic", after: "Clinic", isChanged: false },
    { name: "tags", before: "a, b", after: "b", isChanged: true },
    { name: "note", before: null, after: "New", isChanged: true },
    { name: "more", before: null, after: '{"calls":2}', isChanged: true },
  ]);
});

test("a new object has no values before, a removed one none after, and a test of a channel neither", () => {
  expect(changedFields(null, { name: "CRM" })).toMatchObject([{ before: null, after: "CRM" }]);
  expect(changedFields({ name: "CRM" }, null)).toMatchObject([{ before: "CRM", after: null }]);
  expect(changedFields(null, null)).toEqual([]);
  expect(changedFields(null, 7)).toMatchObject([{ name: "value", after: "7" }]);
});
