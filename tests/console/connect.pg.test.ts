import { signDelivery } from "@call-ledger/simulator";
import { describeWith } from "@call-ledger/testkit/vitest";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { accessibilityFaults } from "./browser.ts";
import { useConsole } from "./use-console.ts";

const SECRET = /^[0-9a-f]{64}$/;
const DAYS_MS = 2 * 86_400_000;

describeWith("chromium", "the steps to connect an account", (chromium) => {
  const under = useConsole(chromium);

  /** Makes an account in the browser, and runs `work` on the page of its steps. */
  async function connecting(name: string, work: (page: Page) => Promise<void>): Promise<void> {
    const tab = await under.openTab();
    await tab.page.goto(await under.link(null));
    await tab.page.getByRole("link", { name: "Provider accounts" }).click();
    await tab.page.getByRole("link", { name: "Connect an account" }).click();
    await tab.page.getByLabel("Name").fill(name);
    await tab.page.getByLabel("Belongs to").selectOption(under.ledger.orgId);
    await tab.page.getByRole("button", { name: "Continue" }).click();
    await tab.page.getByRole("heading", { name: `Connect ${name}` }).waitFor();
    await work(tab.page);
    expect(tab.errors).toEqual([]);
    await tab.close();
  }

  test("are a page: it survives a reload without the secret, and Back leads to the accounts", async () => {
    await connecting("Clinic", async (page) => {
      const secret = (await page.locator("li code").filter({ hasText: SECRET }).textContent()) ?? "";
      expect(secret).toMatch(SECRET);
      expect(page.url()).not.toContain(secret);
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.reload();
      await page.getByText("The secret was shown when it was made").waitFor();
      expect(await page.content()).not.toContain(secret);
      await page.goBack();
      await page.getByRole("heading", { name: "Provider accounts" }).waitFor();
      const row = page.getByRole("row").filter({ hasText: "Clinic" });
      await row.getByRole("link", { name: "How to connect" }).click();
      await page.getByRole("heading", { name: "Connect Clinic" }).waitFor();
    });
  });

  test("say what is wrong with a delivery, and turn green with the first that verifies", async () => {
    await connecting("Practice", async (page) => {
      const copied = await page.locator("li code").allTextContents();
      const url = copied.find((text) => text.startsWith("http")) ?? "";
      const secret = copied.find((text) => SECRET.test(text)) ?? "";
      const [delivery] = under.call({ seed: "connected" }).deliveries;
      if (delivery === undefined) throw new Error("the call has no deliveries");
      const post = async (to: string, key: string, ageMs = 0): Promise<number> => {
        const headers = signDelivery(delivery.body, key, Date.now() - ageMs);
        const reply = await fetch(to, { method: "POST", headers, body: delivery.body });
        await reply.arrayBuffer();
        return reply.status;
      };
      const line = page.getByRole("main").getByRole("status").last();
      await line.getByText("Waiting for the first delivery").waitFor();
      expect(await post(url.replace("webhooks", "webhook"), secret)).toBe(404);
      await line.getByText(/^Refused .* The delivery came to a path that receives none\./).waitFor();
      expect(await post(url, "another secret of the provider")).toBe(401);
      await line.getByText("The signature was made with another secret.").waitFor();
      expect(await post(url, secret, DAYS_MS)).toBe(401);
      await line.getByText("Compare the clocks.").waitFor();
      expect(await post(url, secret)).toBeLessThan(300);
      await line.getByText(/^Connected\./).waitFor();
      await page.getByRole("main").getByRole("link", { name: "Provider accounts" }).click();
      await page.getByRole("link", { name: "Deliveries" }).click();
      await page.getByText("Wrong path of the server URL").waitFor();
    });
  });
});
