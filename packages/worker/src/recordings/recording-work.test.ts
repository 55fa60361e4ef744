import { expect, test } from "vitest";
import { takingTurns } from "./recording-work.ts";

test("the newest and the oldest jobs take turns, and so do organizations", async () => {
  const asked: object[] = [];
  const jobs = [{ orgId: "a" }, { orgId: "b" }];
  const turns = takingTurns(2, async (turn) => {
    asked.push(turn);
    return jobs.splice(0, 1);
  });
  const [first] = await turns.claim(3);
  await turns.claim(2);
  if (first !== undefined) turns.ended(first);
  await turns.claim(2);
  expect(asked).toEqual([
    { max: 3, newest: true, afterOrgId: null, heldOrgIds: [], maxPerOrg: 2 },
    { max: 2, newest: false, afterOrgId: "a", heldOrgIds: ["a"], maxPerOrg: 2 },
    { max: 2, newest: true, afterOrgId: "b", heldOrgIds: ["b"], maxPerOrg: 2 },
  ]);
});
