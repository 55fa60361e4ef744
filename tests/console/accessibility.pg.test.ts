import { describeWith } from "@call-ledger/testkit/vitest";
import { beforeAll, describe, expect, test } from "vitest";
import type { Tab } from "./browser.ts";
import { accessibilityFaults } from "./browser.ts";
import { useConsole } from "./use-console.ts";

const PAGES = [
  "/calls",
  "/overview",
  "/alarms",
  "/completeness",
  "/agents",
  "/members",
  "/keys",
  "/organization",
  "/audit",
  "/sessions",
];
const OPERATORS_PAGES = ["alarms", "deliveries", "quarantine", "accounts", "health", "organizations"].map(
  (name) => `/operator/${name}`,
);

describeWith("chromium", "the accessibility of the console's pages", (chromium) => {
  const under = useConsole(chromium);
  let callId: string;

  beforeAll(async () => {
    const { deliveries } = under.call({ seed: "axe" });
    await under.send(deliveries);
    ({ callId } = await under.recordedCall({ seed: 7 }));
  }, 240_000);

  async function expectNoFaults({ close, errors }: Tab, faults: Readonly<Record<string, readonly string[]>>) {
    expect(Object.entries(faults).filter(([, found]) => found.length > 0)).toEqual([]);
    await close();
    expect(errors).toEqual([]);
  }

  // Colours depend on the theme and the layout on the width, so two of the four combinations cover all of them.
  describe.each([
    { width: 1440, theme: "light" },
    { width: 390, theme: "dark" },
  ] as const)("at $width px in $theme", (look) => {
    test.each([
      ["admin", PAGES],
      [null, OPERATORS_PAGES],
    ] as const)(
      "axe finds nothing on the pages of %s, and nothing is wider than the screen",
      async (role, paths) => {
        const tab = await under.openTab(look);
        await under.signIn(tab.page, role);
        const faults: Record<string, string[]> = {};
        for (const path of paths) {
          await tab.page.goto(under.url + path);
          await tab.page.getByRole("heading", { level: 1 }).waitFor();
          await tab.page.waitForTimeout(300);
          faults[path] = await accessibilityFaults(tab.page);
          if (await tab.page.evaluate("document.documentElement.scrollWidth > innerWidth")) {
            faults[path]?.push("it is wider than the screen");
          }
          const cards = tab.page.locator("main section > div");
          if (await cards.evaluateAll((all) => all.some((one) => one.scrollWidth > one.clientWidth))) {
            faults[path]?.push("a table is wider than its card");
          }
        }
        await expectNoFaults(tab, faults);
      },
    );

    test("axe finds nothing in a menu and in the parts of a call", async () => {
      const tab = await under.openTab(look);
      await under.signIn(tab.page, "admin");
      const faults: Record<string, string[]> = {};
      await tab.page.getByRole("button", { name: "Outcome" }).click();
      await tab.page.getByRole("menuitemcheckbox", { name: "No answer" }).waitFor();
      faults.Menu = await accessibilityFaults(tab.page);
      await tab.page.keyboard.press("Escape");
      await tab.page.locator("[data-call] a").first().click();
      for (const name of ["Conversation", "Details", "Timeline"]) {
        await tab.page.getByRole("tab", { name }).click();
        await tab.page.waitForTimeout(200);
        faults[name] = await accessibilityFaults(tab.page);
      }
      await tab.page.goto(`${under.url}/calls/${callId}`);
      await tab.page.getByRole("region", { name: "Recording" }).locator("canvas").first().waitFor();
      faults.Recording = await accessibilityFaults(tab.page);
      if (await tab.page.evaluate("document.documentElement.scrollWidth > innerWidth")) {
        faults.Recording.push("it is wider than the screen");
      }
      await expectNoFaults(tab, faults);
    });
  });
});
