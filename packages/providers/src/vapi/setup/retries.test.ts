import { expect, test } from "vitest";
import { examine, fieldsOf, RETRIES, SERVER, server } from "../../../test/examined-setup.ts";

const FIXED = { type: "fixed", maxRetries: 6, baseDelaySeconds: 10 };
const found = (backoffPlan: object) => {
  const { problems, changes } = examine(server({ backoffPlan }));
  expect(problems.map(({ check }) => check)).toEqual(problems.map(() => "retries"));
  const fixed = problems.length === 0 ? [] : [{ server: { ...SERVER, backoffPlan: RETRIES } }];
  expect(changes.map(fieldsOf)).toEqual(fixed);
  return problems.map((problem) => problem.found);
};

test.each([408, 429, 500, 502, 503, 504, "503"])("a plan must not exclude %s", (status) => {
  expect(found({ ...RETRIES, excludedStatusCodes: [400, status] })).toEqual([
    `Assistant front does not send again what was answered with ${status} (backoffPlan.excludedStatusCodes).`,
  ]);
});

test("a plan may exclude the answers that no repetition changes", () => {
  expect(found({ ...RETRIES, excludedStatusCodes: [400, 401, 403, 404] })).toEqual([]);
});

test.each([
  [{ ...RETRIES, maxRetries: 1, baseDelaySeconds: 0 }, 0],
  [{ ...RETRIES, maxRetries: 2, baseDelaySeconds: 10 }, 30],
  [{ ...FIXED, maxRetries: 5 }, 50],
  [{ maxRetries: 5, baseDelaySeconds: 10 }, 50],
])("a plan must not end within a minute: %j", (plan, seconds) => {
  expect(found(plan)).toEqual([
    `Assistant front sends again for ${seconds} s only, and a restart can take a minute (backoffPlan).`,
  ]);
});

test.each([[FIXED], [{ ...RETRIES, maxRetries: 3 }], [{ ...RETRIES, baseDelaySeconds: 1 }]])(
  "a plan of a minute or more is correct: %j",
  (plan) => {
    expect(found(plan)).toEqual([]);
  },
);
