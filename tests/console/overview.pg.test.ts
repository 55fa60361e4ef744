import { makeOrganization } from "@call-ledger/api/testing/access";
import { describeWith } from "@call-ledger/testkit/vitest";
import { beforeAll, expect, test } from "vitest";
import type { Tab } from "./browser.ts";
import type { Role } from "./console-under-test.ts";
import { useConsole } from "./use-console.ts";

const WITHIN = { timeout: 15_000 };

describeWith("chromium", "the overview in the console", (chromium) => {
  const under = useConsole(chromium);

  beforeAll(async () => {
    await under.recordedCall({ seed: 7 });
  }, 240_000);

  async function signedIn(role: Role): Promise<Tab> {
    const tab = await under.openTab();
    await under.signIn(tab.page, role);
    return tab;
  }

  async function finish({ errors, close }: Tab): Promise<void> {
    await close();
    expect(errors).toEqual([]);
  }

  test("the overview is not calm while the ledger lacks calls of the provider's list", async () => {
    const { sql } = under.ledger;
    await sql`insert into reconciled_accounts
        (provider_account_id, provider, compared_since, compared_until, started_at, finished_at, next_run_at)
      select provider_account_id, 'vapi', now() - interval '9 days', now(), now(), now(), now() + interval '1 year'
      from agents limit 1`;
    const tab = await signedIn("viewer");
    const { page } = tab;
    await page.goto(`${under.url}/overview`);
    const attention = page
      .getByRole("region")
      .or(page.locator("section"))
      .filter({ hasText: "Needs attention" });
    await attention.getByText("Nothing needs attention.").waitFor();
    await page.getByText("The ledger has every call of the provider's list").waitFor();
    await sql`insert into provider_calls
        (provider_account_id, provider_call_id, org_id, created_at, has_ended, missing)
      select provider_account_id, 'unbooked', org_id, now() - interval '3 days', true, 'not_booked' from agents limit 1`;
    await page.reload();
    await attention.getByText("The ledger lacks calls of the provider's list: it has 0 of 1").waitFor();
    expect(await page.getByText("Nothing needs attention.").count()).toBe(0);
    const { orgId } = under.ledger;
    await sql`insert into alarms (org_id, condition, scope, figures, opened_at, last_seen_at)
      values (${orgId}, 'days_incomplete', ${`organization:${orgId}`}, '{"calls": 1, "days": 1}', now(), now())`;
    await page.reload();
    await attention
      .getByRole("link", { name: /^The provider has 1 call .* that the ledger lacks/ })
      .waitFor();
    expect(await page.getByText("The ledger lacks calls of the provider's list").count()).toBe(0);
    await sql`delete from alarms`;
    await sql`delete from provider_calls where provider_call_id = 'unbooked'`;
    await sql`delete from reconciled_accounts`;
    await finish(tab);
  });

  test("the overview of an organization without calls says so instead of an empty chart", async () => {
    const orgId = await makeOrganization(under.ledger);
    const tab = await under.openTab();
    await under.signIn(tab.page, "admin", orgId);
    await tab.page.goto(`${under.url}/overview`);
    await expect.poll(() => tab.page.getByText("There was no call in this time.").count(), WITHIN).toBe(2);
    await finish(tab);
  });

  test("the chart keeps its colours, and the present page is marked, with the system's own colours", async () => {
    await under.ledger.sql`update calls set started_at = now() - interval '1 hour'`;
    const tab = await signedIn("admin");
    const { page } = tab;
    await page.emulateMedia({ forcedColors: "active" });
    await page.goto(`${under.url}/overview`);
    const column = page.getByRole("list", { name: "Calls by day and outcome" }).locator("a > span").first();
    await column.waitFor();
    const looks = await page.evaluate<Record<string, string>>(`({
      column: getComputedStyle(document.querySelector("main ol a > span")).backgroundColor,
      page: getComputedStyle(document.querySelector("main")).backgroundColor,
      present: getComputedStyle(document.querySelector('nav [aria-current="page"]')).outlineStyle,
    })`);
    expect(looks.column).not.toBe(looks.page);
    expect(looks.present).toBe("solid");
    await finish(tab);
  });
});
