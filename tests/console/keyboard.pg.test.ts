import { describeWith } from "@call-ledger/testkit/vitest";
import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Tab } from "./browser.ts";
import type { Role } from "./console-under-test.ts";
import { useConsole } from "./use-console.ts";

const WITHIN = { timeout: 15_000 };
/** The label or the text of the element that has the focus. */
const FOCUSED = `{
  const one = document.activeElement;
  one === document.body
    ? "nothing"
    : (one.labels?.[0]?.textContent ?? one.getAttribute("aria-label") ?? one.textContent);
}`;
/** How each item of the open menu is outlined. */
const OUTLINES =
  "[...document.querySelectorAll('[role=menuitemcheckbox]')].map((one) => getComputedStyle(one).outlineStyle)";
/** Types on at the moment at which a search reaches the URL, before the page has drawn it. */
const TYPE_ON = `{
  const field = document.querySelector("input[type=search]");
  const push = history.pushState;
  history.pushState = (...change) => {
    push.apply(history, change);
    history.pushState = push;
    const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
    set.call(field, "nobody says this");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
}`;

describeWith("chromium", "the keyboard in the console", (chromium) => {
  const under = useConsole(chromium);

  beforeAll(async () => {
    await under.send(under.call({ seed: "keyboard" }).deliveries);
  }, 240_000);

  async function signedIn(role: Role, theme: "light" | "dark" = "light"): Promise<Tab> {
    const tab = await under.openTab({ width: 1440, theme });
    await under.signIn(tab.page, role);
    return tab;
  }

  async function finish({ errors, close }: Tab): Promise<void> {
    await close();
    expect(errors).toEqual([]);
  }

  /** Waits until the element with this text or label has the focus. */
  async function expectFocus(page: Page, name: string): Promise<void> {
    await expect.poll(() => page.evaluate(FOCUSED), WITHIN).toBe(name);
  }

  function hasFocus(element: Locator): Promise<boolean> {
    return element.evaluate((one) => one.matches(":focus"));
  }

  /** Presses a button by the keyboard. */
  async function press(page: Page, name: string): Promise<void> {
    await page.getByRole("button", { name, exact: true }).first().focus();
    await page.keyboard.press("Enter");
  }

  describe("a dialog", () => {
    test("gives the focus back when Escape or Cancel closes it", async () => {
      const tab = await signedIn("admin");
      await tab.page.goto(`${under.url}/members`);
      await press(tab.page, "Add a person");
      await expectFocus(tab.page, "E-mail");
      await tab.page.keyboard.press("Escape");
      await expectFocus(tab.page, "Add a person");
      await press(tab.page, "Add a person");
      await press(tab.page, "Cancel");
      await expectFocus(tab.page, "Add a person");
      await finish(tab);
    });

    test("of a secret stays until its button closes it, and the focus goes back over both dialogs", async () => {
      const tab = await signedIn("admin");
      const { page } = tab;
      await page.goto(`${under.url}/keys`);
      await press(page, "Create a key");
      await expectFocus(page, "Name");
      await page.keyboard.type("CRM");
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog", { name: "The key" });
      await dialog.waitFor();
      await expectFocus(page, "Copy");
      await page.keyboard.press("Escape");
      await page.mouse.click(5, 5);
      await page.waitForTimeout(300);
      expect(await dialog.locator("code").textContent()).toMatch(/^clk_/);
      await press(page, "I have copied it");
      await expectFocus(page, "Create a key");
      await finish(tab);
    });

    test("that a menu opened gives the focus back to the menu's button", async () => {
      const tab = await signedIn("admin");
      const { page } = tab;
      const account = page.getByRole("button", { name: /^Account/ });
      await account.focus();
      await page.keyboard.press("Enter");
      await page.getByRole("menuitem", { name: "Keyboard shortcuts" }).press("Enter");
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
      await page.keyboard.press("g");
      await page.keyboard.press("o");
      await page.keyboard.press("Escape");
      await expect.poll(() => hasFocus(account), WITHIN).toBe(true);
      expect(new URL(page.url()).pathname).toBe("/calls");
      await finish(tab);
    });

    test("to share a call begins at its field", async () => {
      const tab = await signedIn("admin");
      const { page } = tab;
      await page.locator("[data-call] a").first().click();
      await press(page, "Share");
      const field = page.getByLabel("The link expires after");
      await expect.poll(() => hasFocus(field), WITHIN).toBe(true);
      await page.keyboard.press("Escape");
      await expectFocus(page, "Share");
      await finish(tab);
    });
  });

  describe("an open sheet", () => {
    /** Whether something else is drawn over the middle of the element that has the focus. */
    const IS_COVERED = `{
      const one = document.activeElement;
      const { left, top, width, height } = one.getBoundingClientRect();
      const drawn = document.elementFromPoint(left + width / 2, top + height / 2);
      one !== document.body && drawn !== null && !one.contains(drawn) && !drawn.contains(one);
    }`;

    test("keeps the focus on a narrow screen, and gives it back to the row of its call", async () => {
      const tab = await under.openTab({ width: 390, theme: "light" });
      const { page } = tab;
      await under.signIn(page, "admin");
      await page.locator("[data-call] a").first().click();
      await page.locator("aside h2:focus").waitFor();
      const outside = new Set<string>();
      for (const key of ["Tab", "Shift+Tab"]) {
        for (let presses = 0; presses < 40; presses += 1) {
          await page.keyboard.press(key);
          const name = await page.evaluate<string>(
            `document.activeElement.closest("aside, body") === document.body && document.activeElement !== document.body
              ? document.activeElement.outerHTML.slice(0, 80) : ""`,
          );
          if (name !== "") outside.add(name);
        }
      }
      expect([...outside]).toEqual([]);
      await page.keyboard.press("Escape");
      await expect.poll(() => hasFocus(page.locator("[data-call] a").first()), WITHIN).toBe(true);
      await expect.poll(() => page.locator("[inert]").count()).toBe(0);
      await finish(tab);
    });

    test("on a wide screen closes when the focus goes below it, and stays beside it", async () => {
      const tab = await signedIn("admin");
      const { page } = tab;
      await page.locator("[data-call] a").first().click();
      await page.locator("aside h2:focus").waitFor();
      await page.locator("[data-call] a").first().focus();
      expect(await page.locator("aside").count()).toBe(1);
      for (let presses = 0; presses < 30; presses += 1) {
        await page.keyboard.press("Shift+Tab");
        await expect.poll(() => page.evaluate(IS_COVERED), WITHIN).toBe(false);
      }
      await page.getByRole("link", { name: "Export CSV" }).focus();
      await expect.poll(() => page.locator("aside").count(), WITHIN).toBe(0);
      await expectFocus(page, "Export CSV");
      await finish(tab);
    });
  });

  test.each(["light", "dark"] as const)("the focused item of a menu is visible in %s", async (theme) => {
    const tab = await signedIn("admin", theme);
    await press(tab.page, "Outcome");
    const item = tab.page.getByRole("menuitemcheckbox").first();
    await item.waitFor();
    await tab.page.keyboard.press("ArrowDown");
    const outlines = await tab.page.evaluate<string[]>(OUTLINES);
    expect(outlines.filter((style) => style === "solid")).toHaveLength(1);
    await finish(tab);
  });

  test("a busy button keeps the focus, and a second press does nothing", async () => {
    const tab = await signedIn("admin");
    const { page } = tab;
    await page.goto(`${under.url}/organization`);
    let saves = 0;
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route("**/api/v1/organization", async (route) => {
      if (route.request().method() === "PATCH") {
        saves++;
        await answered;
      }
      await route.continue();
    });
    await press(page, "Save");
    await page.locator("button[aria-busy]").waitFor();
    await page.keyboard.press("Enter");
    await expectFocus(page, "Save");
    answer();
    await page.getByText("Saved.").waitFor();
    await expectFocus(page, "Save");
    expect(saves).toBe(1);
    await finish(tab);
  });

  test("another page begins at its title", async () => {
    const tab = await signedIn("admin");
    const { page } = tab;
    await page.locator("[data-call]").first().waitFor();
    for (const [key, title] of [
      ["o", "Overview"],
      ["a", "Alarms"],
      ["c", "Calls"],
    ] as const) {
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await expectFocus(page, title);
    }
    await finish(tab);
  });

  test("the title gets the focus of a button that vanishes", async () => {
    const tab = await signedIn("admin");
    const { page } = tab;
    for (const [search, name] of [
      ["outcome=completed", "Remove the filter Outcome"],
      ["outcome=completed", "Clear all filters"],
    ] as const) {
      await page.goto(`${under.url}/calls?${search}`);
      await page.locator("[data-call]").first().waitFor();
      await press(page, name);
      await expectFocus(page, "Calls");
    }
    await page.goto(`${under.url}/calls?outcome=busy`);
    await page.getByText("No call matches").waitFor();
    await page.getByRole("button", { name: "Clear all filters" }).last().press("Enter");
    await page.locator("[data-call]").first().waitFor();
    await expectFocus(page, "Calls");
    await finish(tab);
  });

  test("a press of the mouse on a tab draws no outline of the keyboard", async () => {
    const tab = await signedIn("admin");
    const { page } = tab;
    await page.locator("[data-call]").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator("aside h2:focus").waitFor();
    await page.getByRole("tab", { name: "Timeline" }).click();
    const isOutlined = () => page.evaluate("document.activeElement.matches(':focus-visible')");
    await expectFocus(page, "Timeline");
    expect(await isOutlined()).toBe(false);
    await page.keyboard.press("ArrowLeft");
    await expectFocus(page, "Details");
    expect(await isOutlined()).toBe(true);
    await finish(tab);
  });

  test("keeps what is typed while an earlier part of it is sought", async () => {
    const tab = await signedIn("admin");
    await tab.page.locator("[data-call]").first().waitFor();
    await tab.page.evaluate(TYPE_ON);
    const field = tab.page.getByRole("searchbox");
    await field.fill("nobody");
    const isSought = async () => new URL(tab.page.url()).searchParams.get("search") === "nobody says this";
    await expect.poll(isSought, WITHIN).toBe(true);
    expect(await field.inputValue()).toBe("nobody says this");
    await tab.page.getByRole("button", { name: "Clear the search" }).click();
    await expect.poll(() => new URL(tab.page.url()).search, WITHIN).toBe("");
    await expect.poll(() => field.inputValue()).toBe("");
    await finish(tab);
  });
});
