import { makeAccount } from "@call-ledger/api/testing/access";
import { signDelivery } from "@call-ledger/simulator";
import { describeWith } from "@call-ledger/testkit/vitest";
import { expect, test } from "vitest";
import type { Look } from "./browser.ts";
import { accessibilityFaults } from "./browser.ts";
import type { ConsoleUnderTest } from "./console-under-test.ts";
import { useConsole } from "./use-console.ts";

const SECRET = "a-secret-of-an-own-account";
const LOOKS = [
  ["viewer", { width: 390, theme: "dark" }],
  ["admin", { width: 1440, theme: "light" }],
] as const satisfies readonly (readonly [string, Look])[];

/** Sends a delivery that names no call to the organization's own account. */
async function sendUnreadable({ url, ledger }: ConsoleUnderTest): Promise<void> {
  const account = await makeAccount(ledger, SECRET);
  const body = '{"message":{"type":"end-of-call-report"}}';
  const headers = signDelivery(body, SECRET, Date.now());
  const reply = await fetch(`${url}/api/webhooks/vapi/${account}`, { method: "POST", body, headers });
  expect(reply.ok).toBe(true);
  await reply.arrayBuffer();
}

describeWith("chromium", "deliveries of an organization that wait in quarantine", (chromium) => {
  const under = useConsole(chromium);

  test("are counted on its overview, which opens their reasons, and each number its deliveries", async () => {
    await sendUnreadable(under);
    for (const [role, look] of LOOKS) {
      const { page, errors, close } = await under.openTab(look);
      await under.signIn(page, role);
      await page.goto(`${under.url}/overview`);
      await page.getByRole("link", { name: "Deliveries wait in quarantine" }).click();
      const card = page.getByRole("table", { name: "Deliveries in quarantine" });
      await card.getByText("Names no call").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      const number = card.getByRole("link", { name: "1", exact: true });
      // On a phone its heading is at its left.
      expect((await number.boundingBox())?.x).toBeGreaterThan(100);
      await number.click();
      const list = page.getByRole("dialog").getByRole("table", { name: "Names no call" });
      await list.getByText("end-of-call-report").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await close();
      expect(errors).toEqual([]);
    }
  }, 120_000);
});
