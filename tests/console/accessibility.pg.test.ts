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

/** Of each page what opens a dialog. */
const DIALOGS = [
  ["/members", "Add a person"],
  ["/keys", "Create a key"],
  ["/calls/{call}", "Share"],
  ["/calls/{call}", "Add tags or a note"],
  ["/alarms", "Add a channel"],
  ["/sessions", "End"],
] as const;
const OPERATORS_DIALOGS = [
  ["/agents", "Add an agent"],
  ["/agents", "Change"],
  ["/agents", "Remove"],
  ["/operator/accounts", "Connect an account"],
  ["/operator/accounts", "Change"],
  ["/operator/organizations", "Create an organization"],
  ["/operator/deliveries", "Show"],
] as const;

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

  describe.each([
    { width: 1440, theme: "light" },
    { width: 1440, theme: "dark" },
    { width: 390, theme: "light" },
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
  });

  // Colours depend on the theme and the layout on the width, so two of the four combinations cover all of them.
  describe.each([
    { width: 1440, theme: "light" },
    { width: 390, theme: "dark" },
  ] as const)("at $width px in $theme", (look) => {
    test.each([
      ["admin", DIALOGS],
      [null, OPERATORS_DIALOGS],
    ] as const)("axe finds nothing in the dialogs of %s", async (role, dialogs) => {
      const tab = await under.openTab(look);
      await under.signIn(tab.page, role);
      const faults: Record<string, string[]> = {};
      for (const [path, name] of dialogs) {
        await tab.page.goto(under.url + path.replace("{call}", callId));
        const { page } = tab;
        await page.getByRole("button", { name }).or(page.getByRole("link", { name })).first().click();
        await page.getByRole("dialog").waitFor();
        faults[`${path} ${name}`] = await accessibilityFaults(page);
      }
      await expectNoFaults(tab, faults);
    });

    test("axe finds nothing on pages without a session", async () => {
      const sharing = await under.openTab(look);
      await under.signIn(sharing.page, "admin");
      await sharing.page.goto(`${under.url}/calls/${callId}`);
      await sharing.page.getByRole("button", { name: "Share" }).click();
      await sharing.page.getByRole("button", { name: "Create a link" }).click();
      const link = (await sharing.page.getByRole("dialog").locator("code").textContent()) ?? "";
      await sharing.close();
      const tab = await under.openTab(look, [/status of 4\d\d/]);
      const faults: Record<string, string[]> = {};
      for (const [path, text] of [
        [new URL(link).pathname, "This link is valid until"],
        ["/shared/unknown", "This link is not valid any more"],
        ["/sign-in", "You are not signed in."],
        ["/sign-in#unknown", "This link is not valid"],
        ["/calls", "You are not signed in."],
      ] as const) {
        await tab.page.goto("about:blank");
        await tab.page.goto(under.url + path);
        await tab.page.getByText(text).first().waitFor();
        faults[path] = await accessibilityFaults(tab.page);
      }
      await expectNoFaults(tab, faults);
    });

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
