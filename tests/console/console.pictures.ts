import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeWith } from "@call-ledger/testkit/vitest";
import type { Page } from "playwright-core";
import { test } from "vitest";
import type { Look } from "./browser.ts";
import { launch, openTab } from "./browser.ts";
import type { ConsoleUnderTest } from "./console-under-test.ts";
import { startConsole } from "./console-under-test.ts";

/* `npm run -s screenshots`: writes the pictures of the documents, of simulated calls. */

const FOLDER = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
const MINUTE_MS = 60_000;
const KINDS = [
  ["inbound", "completed", 3],
  ["inbound", "forwarded", 11],
  ["outbound", "no_answer", 24],
  ["inbound", "completed", 41],
  ["outbound", "voicemail", 57],
  ["web", "completed", 75],
  ["inbound", "completed", 98],
  ["outbound", "busy", 121],
  ["outbound", "completed", 149],
] as const;
const LOOKS: readonly Look[] = [
  { width: 1440, theme: "light" },
  { width: 1440, theme: "dark" },
  { width: 390, theme: "light" },
];

async function sendCalls(under: ConsoleUnderTest): Promise<void> {
  await under.ledger.sql`update agents set name = ${"Front desk"}`;
  for (const [direction, outcome, minutesAgo] of KINDS) {
    const startedAt = Date.now() - minutesAgo * MINUTE_MS - 120_000;
    const options = { seed: `picture ${minutesAgo}`, direction, outcome, startedAt, turns: 8 };
    if (minutesAgo === KINDS[0][2]) await under.recordedCall(options);
    else await under.send(under.call(options).deliveries);
  }
  const live = under.call({ seed: "picture live", startedAt: Date.now() - 20_000 });
  const answered = live.deliveries.findIndex(({ detail }) => detail === "in-progress");
  await under.send(live.deliveries.slice(0, answered + 1));
}

async function take(page: Page, name: string, { width, theme }: Look): Promise<void> {
  // Skeletons and transitions are over.
  await page.waitForTimeout(1_000);
  await page.screenshot({ path: `${FOLDER}${name}-${width}-${theme}.png` });
}

describeWith("chromium", "pictures of the console", (chromium) => {
  test("are written to docs/pictures", async () => {
    mkdirSync(FOLDER, { recursive: true });
    const [browser, under] = await Promise.all([launch(chromium), startConsole()]);
    try {
      await sendCalls(under);
      for (const look of LOOKS) {
        const { page, close } = await openTab(browser, look);
        await under.signIn(page, "admin");
        await page.locator("[data-call]").nth(4).waitFor();
        await take(page, "calls", look);
        await page.locator("[data-call]").filter({ hasText: "Completed" }).first().locator("a").click();
        await page.getByRole("tab", { name: "Conversation" }).waitFor();
        await take(page, "call", look);
        await page.goto(`${under.url}/overview`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await take(page, "overview", look);
        await close();
      }
    } finally {
      await browser.close();
      await under.stop();
    }
  }, 240_000);
});
