import { describeWith } from "@call-ledger/testkit/vitest";
import { expect, test } from "vitest";
import { useConsole } from "./use-console.ts";

const WITHIN = { timeout: 15_000 };

describeWith("chromium", "alarms in the console", (chromium) => {
  const under = useConsole(chromium);

  test("an alarm is first on the overview; the audit shows who acknowledged and muted it", async () => {
    const { sql, orgId } = under.ledger;
    await under.send(
      under.call({ seed: "no report" }).deliveries.filter(({ type }) => type !== "end-of-call-report"),
    );
    await sql`insert into alarms (org_id, condition, scope, figures, opened_at, last_seen_at, notified_at)
    values (${orgId}, 'calls_overdue', ${`organization:${orgId}`}, '{"calls": 7}', now(), now(), now())`;
    const { page, errors } = await under.openTab();
    await under.signIn(page, "admin");
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByRole("link", { name: /^\d+ reports?$/ }).waitFor();
    await page.locator("main li").first().getByRole("link", { name: "Calls are overdue" }).click();
    await page.getByText("7 calls have no end or no report.").waitFor();
    await page.getByRole("link", { name: "What to do" }).click();
    await page.getByRole("dialog").getByText("a wrong secret loses reports").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByText("Acknowledged by admin").waitFor();
    await page.getByRole("button", { name: "Mute" }).click();
    await page.getByRole("menuitem", { name: "4 hours" }).click();
    await page.getByText("No messages until").waitFor();
    await page.getByRole("button", { name: "Add a channel" }).click();
    await page.getByLabel("Kind").selectOption("Webhook");
    await page.getByLabel("URL").fill("https://hooks.invalid/alarms");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page
      .getByRole("dialog", { name: "Signing secret" })
      .getByText(/^whsec_/)
      .waitFor();
    await page.getByRole("button", { name: "I have copied it" }).click();
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText("A test message is on its way.").waitFor();
    await page.getByRole("link", { name: "Audit" }).click();
    const entries = page.locator("summary");
    await expect.poll(() => entries.count(), WITHIN).toBeGreaterThan(3);
    const said = (await entries.allInnerTexts()).slice(0, 4).map((text) => text.split("\n").at(-1));
    expect(said).toEqual([
      "sent a test message through an alert channel: hooks.invalid",
      "added an alert channel: hooks.invalid",
      "muted an alarm: Calls are overdue",
      "acknowledged an alarm: Calls are overdue",
    ]);
    await entries.nth(3).click();
    await page.getByRole("row", { name: "acknowledged by – admin" }).waitFor();
    expect(errors).toEqual([]);
  }, 120_000);
});
