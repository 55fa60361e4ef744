import { callListQuery } from "@call-ledger/contract/calls";
import { newKeyRequestSchema } from "@call-ledger/contract/people";
import { expect, test } from "vitest";
import { faultWords } from "./fault-words.ts";

const DAY_OR_TIME = "is not a day such as 2026-03-04, or a time in UTC such as 2026-03-04T09:15:02Z";

test.each([
  [{ limit: "0" }, "has to be at least 1"],
  [{ limit: "1000" }, "has to be at most 100"],
  [{ limit: "many" }, "is not a number"],
  [{ cursor: "" }, "has to have at least 1 character"],
  [{ outcome: "answered" }, /^is not one of completed, forwarded, no_answer, /],
  [{ agent: "1" }, "is not an id (UUID)"],
  [{ from: "yesterday" }, DAY_OR_TIME],
  [{ tag: "x".repeat(51) }, "has to have at most 50 characters"],
])("plain words say what is wrong in the query %j", (query, words) => {
  const result = callListQuery.safeParse(query, { error: faultWords });
  expect(result.error?.issues[0]?.message).toMatch(words);
});

test.each([
  [{ name: "CRM" }, "is missing"],
  [{ name: 7, scopes: ["calls:read"] }, "is not a text"],
  [{ name: "CRM", scopes: "calls:read" }, "is not a list"],
  [{ name: "CRM", scopes: ["all"] }, /^is not one of calls:read, calls:details, /],
  [null, "is not an object"],
])("plain words say what is wrong in the body %j", (body, words) => {
  const result = newKeyRequestSchema.safeParse(body, { error: faultWords });
  expect(result.error?.issues[0]?.message).toMatch(words);
});
