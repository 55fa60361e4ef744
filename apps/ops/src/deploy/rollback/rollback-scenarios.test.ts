import { expect, test } from "vitest";
import type { RollbackFacts } from "./rollback-scenarios.ts";
import { rollbackScenarios } from "./rollback-scenarios.ts";

const facts: RollbackFacts = {
  schema: { version: 7, oldestCode: 5 },
  previous: 5,
  refusals: [],
  backup: { name: "ledger-1", archive: "backups/ledger-1.dump" },
  release: "a".repeat(40),
  running: null,
  service: null,
};
const FULL = "rollback full backups/ledger-1.dump";
const applying = (changed: Partial<RollbackFacts>) =>
  rollbackScenarios({ ...facts, ...changed })
    .filter(({ applies }) => applies)
    .map(({ command }) => command);

test("the code alone can go back as far as the compatibility marker allows", () => {
  expect(applying({})).toEqual(["rollback code"]);
  expect(applying({ previous: 4 })).toEqual([FULL]);
  expect(applying({ previous: 8 })).toEqual([FULL]);
});

test("dropping a constraint that refuses deliveries is the smallest change", () => {
  const refusals = [{ constraint: "calls_cost_not_negative", deliveries: 3 }];
  expect(applying({ refusals })).toEqual(["rollback constraint calls_cost_not_negative"]);
  expect(applying({ refusals, previous: 4 })).toEqual(["rollback constraint calls_cost_not_negative"]);
});

test("an unknown scenario does not apply", () => {
  expect(applying({ previous: null })).toEqual([]);
  const [, code] = rollbackScenarios({ ...facts, previous: null });
  expect(code?.because).toContain("--to N");
});

test("the release before is ordered by its commit, unless it already runs", () => {
  const service = new URL("https://ledger.example.com");
  const { release } = facts;
  expect(applying({ service })).toEqual([`rollback code https://ledger.example.com --commit ${release}`]);
  expect(applying({ service, release: null })).toEqual(["rollback code https://ledger.example.com"]);
  expect(applying({ service, running: release })).toEqual([]);
  const [, code] = rollbackScenarios({ ...facts, service, running: release });
  expect(code?.because).toBe("the previous release (aaaaaaaaaaaa) already runs");
});
