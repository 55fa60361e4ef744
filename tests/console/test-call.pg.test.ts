import { describeWith } from "@call-ledger/testkit/vitest";
import { expect, test } from "vitest";
import { launch, openTab } from "./browser.ts";
import { startConsole } from "./console-under-test.ts";

describeWith("chromium", "a test call of the console", (chromium) => {
  test("rings and is answered on the page that sent it, on whatever port the api listens", async () => {
    const [browser, under] = await Promise.all([launch(chromium), startConsole("development")]);
    try {
      const { page, errors } = await openTab(browser);
      await under.signIn(page, "admin");
      await page.getByText("No calls yet").waitFor();
      await page.getByRole("button", { name: "Send a test call" }).first().click();
      const row = page.locator("[data-call]").first();
      await row.getByText("In progress").waitFor({ timeout: 40_000 });
      expect(await page.locator("[data-call]").count()).toBe(1);
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
      await under.stop();
    }
  }, 120_000);
});
