import { describeWith } from "@call-ledger/testkit/vitest";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { Look, Tab } from "./browser.ts";
import { accessibilityFaults } from "./browser.ts";
import type { ConsoleUnderTest } from "./console-under-test.ts";
import { useConsole } from "./use-console.ts";

const LOOKS = [
  { width: 1440, theme: "light" },
  { width: 390, theme: "dark" },
] as const satisfies readonly Look[];
const WIDE = LOOKS[0];
const PHONE = LOOKS[1];
const LONG = "a-very-long-word-that-somebody-typed-without-a-thought-of-its-width";
const WITHIN = { timeout: 15_000 };

describeWith("chromium", "the console with long values and full pages", (chromium) => {
  const under = useConsole(chromium);
  let callId: string;

  beforeAll(async () => {
    ({ callId } = await under.recordedCall({ seed: 7 }));
    await fill(under, callId);
  }, 240_000);

  async function signedIn(look: Look, path = "/calls"): Promise<Tab> {
    const tab = await under.openTab(look, [/status of 4\d\d/]);
    await under.signIn(tab.page, "admin");
    if (path !== "/calls") await tab.page.goto(under.url + path);
    return tab;
  }

  async function finish({ errors, close }: Tab): Promise<void> {
    await close();
    expect(errors).toEqual([]);
  }

  test.each(LOOKS)("at $width px nothing is cut and axe finds nothing", async (look) => {
    const tab = await signedIn(look);
    const { page } = tab;
    const faults: Record<string, string[]> = {};
    const check = async (name: string): Promise<void> => {
      await page.waitForTimeout(300);
      faults[name] = [...(await accessibilityFaults(page)), ...(await tooWide(page))];
    };
    for (const path of ["overview", "completeness", "alarms", "agents", "nowhere", "calls/nothing"]) {
      await page.goto(`${under.url}/${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await check(path);
    }
    await page.goto(`${under.url}/alarms`);
    await page.getByRole("link", { name: "What to do" }).first().click();
    await page.getByRole("dialog").getByRole("link").first().waitFor();
    await check("runbook");
    await page.goto(`${under.url}/calls/${callId}`);
    await page.getByText(LONG).first().waitFor();
    await page.locator("summary code").first().waitFor();
    await check("call");
    await page.goto(`${under.url}/audit`);
    await page.locator("summary").first().click();
    await check("audit");
    expect(Object.entries(faults).filter(([, found]) => found.length > 0)).toEqual([]);
    await finish(tab);
  });

  test("on a phone texts that are longer by a half, as in another language, fit", async () => {
    await under.ledger
      .sql`insert into quarantined_deliveries (provider, provider_account_id, reason, event_type,
        provider_agent_id, content_key, received_at)
      select 'vapi', provider_account_id, 'organization_conflict', 'status-update', 'other', 'other', now()
      from agents limit 1`;
    const tab = await under.openTab(PHONE);
    const { page } = tab;
    await page.goto(await under.link(null));
    await page.getByRole("heading", { name: "Calls", exact: true }).waitFor();
    for (const path of ["quarantine", "health", "accounts"]) {
      await page.goto(`${under.url}/operator/${path}`);
      await page.locator("main td, main dd").first().waitFor();
      await page.evaluate(LENGTHEN);
      expect(await tooWide(page), path).toEqual([]);
    }
    await finish(tab);
  });

  test("on a phone the menus stay on the screen, with the button that closes them", async () => {
    const tab = await signedIn(PHONE);
    const { page } = tab;
    await page.getByRole("button", { name: "Agent", exact: true }).click();
    const menu = await page.getByRole("menu").boundingBox();
    expect((menu?.x ?? -1) >= 0 && (menu?.x ?? 0) + (menu?.width ?? 999) <= PHONE.width).toBe(true);
    expect(await page.getByRole("menu").evaluate((one) => one.scrollWidth <= one.clientWidth)).toBe(true);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Open the menu" }).click();
    const drawer = page.getByRole("dialog");
    const [close, box] = await Promise.all([
      drawer.getByRole("button", { name: "Close the menu" }).boundingBox(),
      drawer.boundingBox(),
    ]);
    expect((close?.x ?? 999) + (close?.width ?? 0)).toBeLessThanOrEqual((box?.x ?? 0) + (box?.width ?? 0));
    await drawer.getByText("Times in ComodRivadavia").waitFor();
    await finish(tab);
  });

  test("a day of the completeness has one line, and on a phone no heading covers another", async () => {
    const wide = await signedIn(WIDE, "/completeness");
    const link = wide.page.locator("main td a").first();
    await link.waitFor();
    expect(await link.evaluate((one) => one.getClientRects().length)).toBe(1);
    await finish(wide);
    const phone = await signedIn(PHONE, "/completeness");
    await phone.page.locator("main td a").first().waitFor();
    const heights = await phone.page.evaluate<number[]>(
      `[...document.querySelectorAll("main td:not(:empty)")].map((cell) =>
        cell.clientHeight - Number.parseFloat(getComputedStyle(cell, "::before").height))`,
    );
    expect(heights.length).toBeGreaterThan(0);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(0);
    await finish(phone);
  });

  test("a link that shares a call is shown until the user has copied it, and needs no session", async () => {
    const tab = await signedIn(WIDE, `/calls/${callId}`);
    const { page } = tab;
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("button", { name: "Create a link" }).click();
    const link = page.getByRole("dialog").getByText(/\/shared\/cls_/);
    const address = await link.textContent();
    await page.keyboard.press("Escape");
    await page.mouse.click(5, 5);
    expect(await link.isVisible()).toBe(true);
    await page.getByRole("button", { name: "I have copied it" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const stranger = await under.openTab(PHONE);
    await stranger.page.goto(new URL(new URL(address ?? "").pathname, under.url).href);
    await stranger.page.getByRole("heading", { level: 1 }).waitFor();
    await stranger.page.getByText("This link is valid until").waitFor();
    await finish(stranger);
    await finish(tab);
  });

  test("a day that no calendar has is named, and can be removed", async () => {
    const tab = await signedIn(WIDE, "/calls?from=2026-99-99");
    await tab.page.getByRole("alert").getByText("2026-99-99").waitFor();
    await tab.page.getByRole("alert").getByRole("button").click();
    await tab.page.locator("[data-call]").first().waitFor();
    await tab.page.goto(`${under.url}/calls?from=2019-11-25&to=2019-11-26`);
    await tab.page.getByText("Nov 25, 2019", { exact: true }).waitFor();
    await finish(tab);
  });

  test("a recording that failed says until when the provider kept its copy", async () => {
    await under.ledger.sql`update recording_upload_queue set storage_path = null, peaks_path = null,
      status = 'failed', deadline = now() - interval '1 day' where call_id = ${callId}`;
    const tab = await signedIn(WIDE, `/calls/${callId}`);
    const region = tab.page.getByRole("region", { name: "Recording" });
    await expect
      .poll(() => region.getByText("The provider kept its copy until").count(), WITHIN)
      .toBeGreaterThan(0);
    await finish(tab);
  });
});

/** Makes each longer word of the page longer by a half. */
const LENGTHEN = `{
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest("code, time") === null)
      text.data = text.data.replace(/[A-Za-z]{4,}/g, (word) => word + "ungsen".slice(0, word.length / 2));
  }
}`;

/** The page and its tables, if their content is wider than their place. */
function tooWide(page: Page): Promise<string[]> {
  return page
    .locator("main, main section > div")
    .evaluateAll((all) =>
      all
        .filter((one) => one.scrollWidth > one.clientWidth)
        .map((one) => `${one.tagName} ${one.className}: ${one.scrollWidth} px in ${one.clientWidth} px`),
    );
}

/** Gives the organization long names, alarms, changes, and days of every kind that were compared with the provider. */
async function fill({ ledger: { sql, orgId } }: ConsoleUnderTest, callId: string): Promise<void> {
  await sql`update organizations set time_zone = 'America/Argentina/ComodRivadavia',
    name = 'Sunrise Family Dentistry and Orthodontics of Greater Minneapolis and Saint Paul'`;
  await sql`insert into agents (org_id, provider_account_id, provider_agent_id, name)
    select org_id, provider_account_id, gen_random_uuid()::text,
      'An agent that answers the telephone at night and on holidays, at branch ' || n
    from agents cross join generate_series(1, 12) n`;
  await sql`insert into call_annotations (org_id, call_id, tags, note)
    values (${orgId}, ${callId}, ${[LONG, "vip"]}, ${LONG.repeat(9)})`;
  await sql`update call_logs set messages = jsonb_build_array(jsonb_build_object(
    'role', 'tool_calls', 'time', 1796035330542, 'secondsFromStart', 26, 'message', '', 'toolCalls', jsonb_build_array(
      jsonb_build_object('id', 'c1', 'type', 'function', 'function',
        jsonb_build_object('name', ${LONG.replaceAll("-", "_")}::text, 'arguments', '{}')))))
    where id = ${callId}`;
  await sql`insert into alarms (org_id, condition, scope, figures, opened_at, last_seen_at)
    values (${orgId}, 'calls_overdue', ${`organization:${orgId}`}, '{"calls": 1230}', now(), now() + interval '1 day')`;
  await sql`insert into audit_entries (org_id, actor_kind, actor_name, action, object_kind, object_id, before, after)
    values (${orgId}, 'member', ${LONG}, 'key.created', 'key', ${LONG}, null, '{"name": "CRM"}')`;
  await sql`insert into reconciled_accounts
      (provider_account_id, provider, compared_since, compared_until, started_at, finished_at, next_run_at)
    select provider_account_id, 'vapi', now() - interval '20 days', now(), now(), now(), now() + interval '1 year'
    from agents limit 1`;
  await sql`insert into provider_calls
      (provider_account_id, provider_call_id, org_id, created_at, has_ended, lacked, missing)
    select a.provider_account_id, 'listed ' || d || ' ' || n, a.org_id, now() - make_interval(days => d), true,
      case when n < 5 then (array['call', 'end', 'report', 'fields', 'progress'])[n + 1] end,
      (array['not_booked', 'unknown_agent', 'organization_conflict', 'refused'])[n % 4 + 1]
    from (select * from agents limit 1) a, generate_series(1, 9) d, generate_series(0, 7) n`;
}
