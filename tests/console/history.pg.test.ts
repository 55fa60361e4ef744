import { describeWith } from "@call-ledger/testkit/vitest";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { useConsole } from "./use-console.ts";

const WITHIN = { timeout: 15_000 };

describeWith("chromium", "the browser's Back in the list of calls", (chromium) => {
  const under = useConsole(chromium);

  beforeAll(async () => {
    await under.send(under.call({ seed: 1 }).deliveries);
    await under.send(under.call({ seed: 2, outcome: "busy", direction: "outbound" }).deliveries);
  });

  async function asAdmin(steps: (page: Page) => Promise<void>): Promise<void> {
    const { page, errors, close } = await under.openTab();
    await under.signIn(page, "admin");
    await page.locator("[data-call]").first().waitFor();
    await steps(page);
    await close();
    expect(errors).toEqual([]);
  }

  const isAt = (page: Page, query: string) =>
    expect.poll(() => new URL(page.url()).search, WITHIN).toBe(query);

  test("undoes a filter, an order and a search, each in one step", async () => {
    await asAdmin(async (page) => {
      await page.getByRole("button", { name: "Outcome", exact: true }).click();
      await page.getByRole("menuitemcheckbox", { name: "Busy" }).click();
      await page.keyboard.press("Escape");
      await isAt(page, "?outcome=busy");
      await page.getByRole("button", { name: "Duration" }).click();
      await isAt(page, "?outcome=busy&sort=duration");
      const field = page.getByRole("searchbox");
      // Slower than the field waits for, so that the list is searched several times.
      await field.pressSequentially("555", { delay: 400 });
      await isAt(page, "?outcome=busy&sort=duration&search=555");
      await page.goBack();
      await isAt(page, "?outcome=busy&sort=duration");
      expect(await field.inputValue()).toBe("");
      await page.goBack();
      await isAt(page, "?outcome=busy");
      await page.goBack();
      await isAt(page, "");
      await expect.poll(() => page.locator("[data-call]").count(), WITHIN).toBe(2);
      await page.goForward();
      await expect.poll(() => page.locator("[data-call]").count(), WITHIN).toBe(1);
    });
  });

  test("leaves the list after a call was closed, and does not show the same list again", async () => {
    await asAdmin(async (page) => {
      await page.getByRole("link", { name: "Overview" }).click();
      await page.getByRole("heading", { name: "Overview" }).waitFor();
      await page.getByRole("link", { name: "Calls", exact: true }).first().click();
      const sheet = page.getByRole("complementary", { name: "Call" });
      const rows = page.locator("[data-call] a");
      await rows.first().click();
      await sheet.getByRole("tab", { name: "Timeline" }).click();
      await page.keyboard.press("j");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await sheet.waitFor({ state: "detached" });
      await isAt(page, "");
      await rows.first().click();
      await sheet.getByRole("button", { name: "Close" }).click();
      await sheet.waitFor({ state: "detached" });
      await page.goBack();
      await page.waitForURL(/\/overview$/);
      await page.goForward();
      await rows.first().waitFor();
    });
  });
});
