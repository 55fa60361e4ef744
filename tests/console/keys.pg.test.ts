import { describeWith } from "@call-ledger/testkit/vitest";
import { expect, test } from "vitest";
import { useConsole } from "./use-console.ts";

describeWith("chromium", "the page of API keys", (chromium) => {
  const under = useConsole(chromium);

  test("makes a key, changes its name and its scopes, and revokes it", async () => {
    const tab = await under.openTab();
    const { page } = tab;
    // As on a page without https, at another address than localhost.
    await page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
    await under.signIn(page, "admin");
    await page.goto(`${under.url}/keys`);
    await page.getByRole("button", { name: "Create a key" }).first().click();
    await page.getByLabel("Name").fill("CRM");
    await page.getByRole("button", { name: "Create the key" }).dblclick();
    const dialog = page.getByRole("dialog", { name: "The key" });
    await dialog.getByRole("button", { name: "Copy", exact: true }).click();
    await dialog.getByRole("button", { name: "Copied", exact: true }).waitFor();
    const key = await dialog.locator("code").textContent();
    await page.getByRole("button", { name: "I have copied it" }).click();
    await dialog.waitFor({ state: "detached" });
    const keys = page.getByRole("table", { name: "API keys" }).getByRole("row");
    await expect.poll(() => keys.count()).toBe(2);
    const made = await under.ledger.sql`select from api_keys where name = 'CRM'`;
    expect(made, "what the double click has made").toHaveLength(1);
    await page.getByRole("button", { name: "Change", exact: true }).click();
    expect(await page.getByLabel("Name").inputValue()).toBe("CRM");
    await page.getByLabel("Name").fill("");
    await page.keyboard.press("Control+V");
    await expect.poll(() => page.getByLabel("Name").inputValue()).toBe(key);
    expect(await page.locator("input[name=scope]:checked").count()).toBe(1);
    await page.getByLabel("Name").fill("CRM 2");
    await page.locator("input[value='calls:details']").check();
    await page.getByRole("button", { name: "Save the key" }).click();
    await page.getByText("The key was changed.").waitFor();
    const row = page.getByRole("row").filter({ hasText: "CRM 2" });
    await row.getByText("calls:details").waitFor();
    const statusWithKey = async (): Promise<number> => {
      const reply = await fetch(`${under.url}/api/v1/calls`, { headers: { authorization: `Bearer ${key}` } });
      await reply.arrayBuffer();
      return reply.status;
    };
    expect(await statusWithKey()).toBe(200);
    await row.getByRole("button", { name: "Revoke" }).click();
    await page.getByText("Programs that use CRM 2 are refused immediately.").waitFor();
    await page.getByRole("button", { name: "Revoke the key" }).click();
    await page.getByText("The key was revoked.").waitFor();
    await row.getByText("Revoked").waitFor();
    expect(await statusWithKey()).toBe(401);
    await tab.close();
    expect(tab.errors).toEqual([]);
  });
});
