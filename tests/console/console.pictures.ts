import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeWith } from "@call-ledger/testkit/vitest";
import { test } from "vitest";
import type { ConsoleUnderTest } from "./console-under-test.ts";
import type { BrowsedConsole } from "./use-console.ts";
import { useConsole } from "./use-console.ts";

/* `npm run -s screenshots` runs this file. It writes the pictures of the documents from simulated calls. */

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
/** The time after which skeletons and transitions are over. */
const SETTLED_MS = 1_000;
async function sendEarlierCalls(under: ConsoleUnderTest): Promise<void> {
  await under.ledger.sql`update agents set name = ${"Front desk"}`;
  for (const [direction, outcome, minutesAgo] of KINDS) {
    const startedAt = Date.now() - minutesAgo * MINUTE_MS - 120_000;
    const options = { seed: `picture ${minutesAgo}`, direction, outcome, startedAt, turns: 8, sample: true };
    if (minutesAgo === KINDS[0][2]) await under.recordedCall(options);
    else await under.send(under.call(options).deliveries);
  }
}

async function sendLiveCall(under: ConsoleUnderTest): Promise<void> {
  const { deliveries } = under.call({ seed: "picture live", startedAt: Date.now() - 20_000 });
  const answered = deliveries.findIndex(({ detail }) => detail === "in-progress");
  await under.send(deliveries.slice(0, answered + 1));
}

/** Takes pictures of the top of the open list: while a call rings, is answered, has ended, and has its recording. */
async function takeSeries(under: BrowsedConsole): Promise<void> {
  const { page, close } = await under.openTab({ width: 1440, theme: "light" });
  await under.signIn(page, "admin");
  const clip = { x: 216, y: 94, width: 1224, height: 172 };
  const shot = async (name: string): Promise<void> => {
    await page.waitForTimeout(SETTLED_MS);
    await page.screenshot({ path: `${FOLDER}live-${name}.png`, clip });
  };
  const pictures: Readonly<Record<string, string>> = { ringing: "1-ringing", "in-progress": "2-in-progress" };
  await under.recordedCall({
    seed: "picture series",
    sample: true,
    direction: "inbound",
    startedAt: Date.now(),
    turns: 8,
    async afterDelivery({ detail }) {
      const name = pictures[detail ?? ""];
      if (name !== undefined) await shot(name);
    },
  });
  await shot("3-completed");
  await close();
}

async function takeList(under: BrowsedConsole): Promise<void> {
  const { page, close } = await under.openTab({ width: 1440, theme: "light" });
  await under.signIn(page, "admin");
  await page.locator("[data-call]").nth(4).waitFor();
  await page.waitForTimeout(SETTLED_MS);
  await page.screenshot({ path: `${FOLDER}calls-1440-light.png` });
  await close();
}

async function takeCall(under: BrowsedConsole): Promise<void> {
  const { page, close } = await under.openTab({ width: 1440, theme: "dark" });
  await under.signIn(page, "admin");
  await page.locator("[data-call]").filter({ hasText: "Completed" }).first().locator("a").click();
  await page.getByRole("tab", { name: "Conversation" }).waitFor();
  await page.waitForTimeout(SETTLED_MS);
  await page.screenshot({ path: `${FOLDER}call-1440-dark.png` });
  await close();
}

describeWith("chromium", "pictures of the console", (chromium) => {
  const under = useConsole(chromium);

  test("are written to docs/pictures", async () => {
    mkdirSync(FOLDER, { recursive: true });
    await sendEarlierCalls(under);
    await takeSeries(under);
    await sendLiveCall(under);
    await takeList(under);
    await takeCall(under);
  }, 240_000);
});
