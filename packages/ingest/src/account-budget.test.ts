import { expect, test } from "vitest";
import { accountBudget } from "./account-budget.ts";
import { AccountOverShare } from "./ledger-errors.ts";

const LIMITS = { bytesPerMinute: 60_000, quarantinedBytes: 600_000 };

function budgetAt(clock: { now: number }) {
  const budget = accountBudget(LIMITS, () => clock.now);
  /** Returns `null` if the body is admitted, otherwise the seconds to wait. */
  const admit = (account: string, bytes: number): number | null => {
    try {
      budget.admit(account, bytes);
      return null;
    } catch (error) {
      if (!(error instanceof AccountOverShare)) throw error;
      return error.retryAfterSeconds;
    }
  };
  return { ...budget, admit };
}

test("an account can use the bytes of a minute in one burst, then waits until its debt is paid; other accounts have their own budget", () => {
  const clock = { now: 1_000 };
  const { admit } = budgetAt(clock);
  expect([admit("a", 59_999), admit("a", 30_001), admit("a", 1), admit("b", 1)]).toEqual([
    null,
    null,
    30,
    null,
  ]);
  clock.now += 29_999;
  expect(admit("a", 1)).toBe(1);
  clock.now += 3;
  expect([admit("a", 1), admit("a", 1)]).toEqual([null, null]);
});

test("an account that waits as long as it is asked to is admitted, and never exceeds the rate", () => {
  const clock = { now: 0 };
  const { admit } = budgetAt(clock);
  let admitted = 0;
  while (clock.now < 600_000) {
    const wait = admit("a", 5_000);
    if (wait === null) admitted += 5_000;
    else clock.now += wait * 1_000;
  }
  expect(admitted).toBeGreaterThan(9 * LIMITS.bytesPerMinute);
  expect(admitted).toBeLessThanOrEqual(11 * LIMITS.bytesPerMinute + 5_000);
});

test("an account whose deliveries fill the quarantine has to wait, with any body", () => {
  const clock = { now: 0 };
  const { admit, quarantined } = budgetAt(clock);
  quarantined("a", 599_999);
  expect(admit("a", 1)).toBeNull();
  quarantined("a", 60_001);
  expect([admit("a", 1), admit("b", 1)]).toEqual([60, null]);
  clock.now += 60_001;
  expect(admit("a", 1)).toBeNull();
});
