import { describeWith } from "@call-ledger/testkit/vitest";
import { beforeAll, expect, test } from "vitest";
import { useConsole } from "./use-console.ts";

const CALLS = 10_001;

describeWith("chromium", "a list of many calls", (chromium) => {
  const under = useConsole(chromium);

  beforeAll(async () => {
    const { sql, orgId } = under.ledger;
    await sql.begin(async (tx) => {
      await tx`select set_config('call_ledger.system', 'on', true)`;
      await tx`insert into calls (org_id, id, provider, provider_account_id, provider_call_id, phase, outcome,
          started_at, ended_at, duration_seconds, created_at)
        select ${orgId}, gen_random_uuid(), 'vapi', a.id, 'call-' || n, 'ended', 'completed', at, at, n, at
        from generate_series(1, ${CALLS}::int) n
        cross join lateral (select now() - n * interval '1 hour' as at) t
        cross join (select id from provider_accounts where org_id is null and provider = 'vapi') a`;
    });
  }, 240_000);

  test("is sorted by a press on a heading, whatever the number of calls", async () => {
    const tab = await under.openTab();
    const { page } = tab;
    await under.signIn(page, "admin");
    const first = page.locator("[data-call]").first();
    await first.filter({ hasText: "0:01" }).waitFor();
    await page.getByRole("button", { name: "Duration" }).click();
    await first.filter({ hasText: "2:46:41" }).waitFor();
    await page.getByRole("button", { name: "Duration" }).click();
    await first.filter({ hasText: "0:01" }).waitFor();
    expect(new URL(page.url()).search).toBe("?sort=duration&order=asc");
    await tab.close();
    expect(tab.errors).toEqual([]);
  });

  test("has a link for each number of the overview, and no link ends in a refusal", async () => {
    const tab = await under.openTab();
    const { page } = tab;
    await under.signIn(page, "admin");
    await page.goto(`${under.url}/overview?period=90`);
    const links = page.locator("dl a, table a");
    await expect.poll(() => links.count(), { timeout: 15_000 }).toBe(7);
    const places = await links.evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
    for (const place of new Set(places)) {
      await page.goto(under.url + place);
      await page.locator("[data-call]").first().waitFor();
    }
    await tab.close();
    expect(tab.errors).toEqual([]);
  });

  test("says that more calls are live than it shows", async () => {
    const { sql } = under.ledger;
    await sql`update calls set phase = 'in_progress', outcome = null, ended_at = null, duration_seconds = null
      where provider_call_id in (select 'call-' || n from generate_series(1, 130) n)`;
    const tab = await under.openTab();
    await under.signIn(tab.page, "admin");
    const { page } = tab;
    await page.getByText("100+", { exact: true }).waitFor();
    await page.goto(`${under.url}/overview`);
    const legend = page.getByRole("listitem").getByRole("link");
    await legend.filter({ hasText: "Not ended" }).waitFor();
    expect(await legend.filter({ hasText: "Unknown" }).count()).toBe(0);
    await legend.filter({ hasText: "Not ended" }).click();
    await page.locator("[data-call]").first().waitFor();
    await tab.close();
    expect(tab.errors).toEqual([]);
  });
});
