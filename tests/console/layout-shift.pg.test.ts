import { describeWith } from "@call-ledger/testkit/vitest";
import { beforeAll, expect, test } from "vitest";
import { useConsole } from "./use-console.ts";

/** Web Vitals call less than 0.1 good. */
const MAX_SHIFT = 0.02;
const LATENCY_MS = 100;
const SETTLED_MS = 1_000;
const PAGES = [
  "/overview",
  "/calls",
  "/alarms",
  "/completeness",
  "/agents",
  "/members",
  "/keys",
  "/organization",
  "/audit",
  "/sessions",
  ...["alarms", "deliveries", "quarantine", "accounts", "health", "organizations"].map(
    (name) => `/operator/${name}`,
  ),
];

/** Adds up the shifts of a page in `shifted`, also those that Chromium takes for an effect of input: there is none. */
const OBSERVE = `
  globalThis.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      globalThis.shifted += entry.value;
    }
  }).observe({ type: "layout-shift", buffered: true });
`;

describeWith("chromium", "the layout of the console's pages while they load", (chromium) => {
  const under = useConsole(chromium);
  let callId: string;

  beforeAll(async () => {
    await under.send(under.call({ seed: "shift", startedAt: Date.now() - 3_600_000 }).deliveries);
    ({ callId } = await under.recordedCall({ seed: 7 }));
  }, 240_000);

  test.concurrent.each([390, 1440] as const)("does not shift at %i px", async (width) => {
    const tab = await under.openTab({ width, theme: "light" });
    await tab.page.addInitScript(OBSERVE);
    // Answers as slow as those of a server far away, so that what stands there before them is seen.
    const devtools = await tab.page.context().newCDPSession(tab.page);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: LATENCY_MS,
      downloadThroughput: -1,
      uploadThroughput: -1,
    });
    await under.signIn(tab.page, null);
    const shifts: Record<string, number> = {};
    for (const path of [...PAGES, `/calls/${callId}`]) {
      await tab.page.goto(under.url + path);
      await tab.page.getByRole("heading", { level: 1 }).waitFor();
      await tab.page.waitForTimeout(SETTLED_MS);
      shifts[path.replace(callId, "id")] = Number(await tab.page.evaluate("shifted"));
    }
    expect(Object.entries(shifts).filter(([, shift]) => shift > MAX_SHIFT)).toEqual([]);
    await tab.close();
  });
});
