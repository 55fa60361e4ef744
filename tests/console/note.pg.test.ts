import { describeWith } from "@call-ledger/testkit/vitest";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, openTab } from "./browser.ts";
import type { ConsoleUnderTest } from "./console-under-test.ts";
import { startConsole } from "./console-under-test.ts";

describeWith("chromium", "the note of a call in the console", (chromium) => {
  let browser: Browser;
  let under: ConsoleUnderTest;

  beforeAll(async () => {
    [browser, under] = await Promise.all([launch(chromium), startConsole()]);
    await under.send(under.call({ seed: 1 }).deliveries);
  }, 240_000);

  afterAll(async () => {
    await browser.close();
    await under.stop();
  });

  test("that cannot be sent stays in the form, which says what to do, and is sent by the next press", async () => {
    const { sql } = under.ledger;
    const { page, close } = await openTab(browser, undefined, [/ERR_INTERNET_DISCONNECTED/]);
    await under.signIn(page, "admin");
    await page.locator("[data-call] a").click();
    await page.getByRole("tab", { name: "Details" }).click();
    await page.getByRole("button", { name: "Add tags or a note" }).click();
    await page.getByRole("textbox", { name: "Note" }).fill("Written without a network.");
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Check your connection, then try again.").waitFor();
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    expect(await sql`select note from call_annotations`).toMatchObject([
      { note: "Written without a network." },
    ]);
    await close();
  });
});
