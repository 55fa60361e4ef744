import { describeWith } from "@call-ledger/testkit/vitest";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Role } from "./console-under-test.ts";
import { useConsole } from "./use-console.ts";

const WITHIN = { timeout: 15_000 };

describeWith("chromium", "what the console shows over its pages", (chromium) => {
  const under = useConsole(chromium);
  let callId: string;

  beforeAll(async () => {
    ({ callId } = await under.recordedCall({ seed: 7, turns: 8 }));
    await under.send(under.call({ seed: "waiting", assistantId: "not-registered" }).deliveries);
    const { sql, orgId } = under.ledger;
    await sql`insert into alarms (org_id, condition, scope, figures, opened_at, last_seen_at)
      values (${orgId}, 'calls_overdue', ${`organization:${orgId}`}, '{"calls": 7, "seconds": 300}', now(), now())`;
  }, 240_000);

  /** Runs steps in a tab of a role. Nothing may be an error of the browser. */
  async function as(role: Role, steps: (page: Page) => Promise<void>): Promise<void> {
    const { page, errors, close } = await under.openTab();
    await under.signIn(page, role);
    await steps(page);
    await close();
    expect(errors).toEqual([]);
  }

  /**
   * Presses a link that opens a window, and expects that Back closes it, that its own button closes it without a
   * further entry of the history, and that its address opens it in a new visit.
   */
  async function expectShared(page: Page, path: string, link: string, inside: string): Promise<void> {
    await page.goto(under.url + path);
    const opener = page.locator("main").getByRole("link", { name: link, exact: true }).first();
    const dialog = page.getByRole("dialog");
    await opener.click();
    await dialog.getByText(inside).first().waitFor();
    const address = page.url();
    await page.goBack();
    await dialog.waitFor({ state: "detached" });
    const closed = page.url();
    await opener.click();
    await dialog.getByText(inside).first().waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => page.url(), WITHIN).toBe(closed);
    await expect.poll(() => opener.evaluate((one) => one.matches(":focus")), WITHIN).toBe(true);
    await page.goto(address);
    await dialog.getByText(inside).first().waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(page.url()).toBe(closed);
  }

  test.each([
    ["the deliveries of a group in quarantine", "/operator/quarantine", "Show", "status-update"],
    ["the recordings of a state", "/operator/health", "2", "Both sides, mixed"],
    ["a runbook", "/operator/alarms", "What to do", "7 calls have no end or no report."],
    ["a delivery with its body", "/operator/deliveries", "Show", '"message": {'],
  ])("%s can be shared, and Back closes it", async (_what, path, link, inside) => {
    await as(null, (page) => expectShared(page, path, link, inside));
  });

  test("a delivery of a call's timeline can be shared, and Back closes it", async () => {
    const path = `/calls/${callId}?tab=timeline`;
    await as("admin", (page) => expectShared(page, path, "Show the delivery", '"message": {'));
  });

  test("a booked delivery shows its body, and a refused one says that it has none", async () => {
    await fetch(`${under.url}/api/webhooks/vapi`, { method: "POST", body: "{}" });
    await fetch(`${under.url}/api/webhooks/vapi/${crypto.randomUUID()}`, { method: "POST", body: "{}" });
    await as(null, async (page) => {
      await page.goto(`${under.url}/operator/deliveries`);
      for (const [outcome, inside] of [
        ["Booked", '"message": {'],
        ["Refused", "Its body is not stored."],
      ] as const) {
        const row = page
          .getByRole("row")
          .filter({ has: page.getByText(outcome, { exact: true }) })
          .first();
        await row.getByRole("link", { name: "Show" }).click();
        await page.getByRole("dialog").getByText(inside).first().waitFor();
        await page.keyboard.press("Escape");
      }
      await page.getByText("No such account").waitFor();
      await page.goto(`${under.url}/operator/deliveries?show=another-process`);
      await page.getByRole("dialog", { name: "This delivery is not remembered" }).waitFor();
    });
  });

  describe("the numbers of a call", () => {
    test.each([
      ["the sheet", (id: string) => `/calls?call=${id}&tab=details`],
      ["the page", (id: string) => `/calls/${id}`],
    ] as const)("on %s lead to what is behind them", async (_place, addressOf) => {
      await as("admin", async (page) => {
        const factOf = (name: string) =>
          page.locator("dt").getByText(name, { exact: true }).locator("xpath=following-sibling::dd[1]");
        const open = async (name: string): Promise<void> => {
          await page.goto(under.url + addressOf(callId));
          await factOf(name).getByRole("link").click();
        };
        const selected = (name: string) => page.getByRole("tab", { name, selected: true }).waitFor();
        await open("Duration");
        await selected("Timeline");
        await open("Turns measured");
        await selected("Conversation");
        await open("Customer spoke");
        await selected("Conversation");
        await open("Longest");
        await selected("Conversation");
        const longest = await page.locator("li:focus").locator("[class*=latency]").textContent();
        await page.goBack();
        expect(await factOf("Longest").textContent()).toBe(longest);
        await open("Cost");
        await page.locator("section:focus").getByText("Telephony").waitFor();
        const costs = page.locator("section").filter({ hasText: "Telephony" });
        const numbers = await costs.locator("td:not(:empty)").count();
        expect(await costs.locator("td a").count()).toBe(numbers);
        await costs.locator("td a").first().click();
        await page.getByRole("dialog", { name: "end-of-call-report" }).getByText('"message": {').waitFor();
        await page.keyboard.press("Escape");
        await page.goto(under.url + addressOf(callId));
        const file = page.waitForEvent("download");
        await factOf("Both sides, mixed").getByRole("link", { name: /B$/ }).click();
        expect((await file).suggestedFilename()).toMatch(/\.wav$/);
      });
    });

    test("are no links to what a viewer may not see", async () => {
      await as("viewer", async (page) => {
        await page.goto(`${under.url}/calls/${callId}`);
        const duration = page.locator("dl").filter({ hasText: "Duration" }).first();
        await duration.waitFor();
        expect(await duration.locator('a[href*="tab="]').count()).toBe(0);
      });
    });
  });

  test("the sentence of an alarm leads to the calls that it counts", async () => {
    await as("admin", async (page) => {
      for (const path of ["/overview", "/alarms", "/completeness"]) {
        await page.goto(under.url + path);
        await page.getByRole("link", { name: "7 calls have no end or no report." }).click();
        await expect
          .poll(() => new URL(page.url()).searchParams.get("attention"), WITHIN)
          .toBe("missing_report,stuck");
      }
    });
  });
});
