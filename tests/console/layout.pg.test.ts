import { makeOrganization } from "@call-ledger/api/testing/access";
import { describeWith } from "@call-ledger/testkit/vitest";
import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Tab } from "./browser.ts";
import type { Role } from "./console-under-test.ts";
import { useConsole } from "./use-console.ts";

const WITHIN = { timeout: 15_000 };

describeWith("chromium", "the layout of the console's pages", (chromium) => {
  const under = useConsole(chromium);
  let callId: string;

  beforeAll(async () => {
    ({ callId } = await under.recordedCall({ seed: 7 }));
  }, 240_000);

  async function signedIn(role: Role, width: 390 | 1440 = 1440): Promise<Tab> {
    const tab = await under.openTab({ width, theme: "light" });
    await under.signIn(tab.page, role);
    return tab;
  }

  async function signedInAsOperator(expected?: readonly RegExp[]): Promise<Tab> {
    const tab = await under.openTab(undefined, expected);
    await tab.page.goto(await under.link(null));
    await tab.page.getByRole("link", { name: "Health" }).waitFor();
    return tab;
  }

  async function finish({ errors, close }: Tab): Promise<void> {
    await close();
    expect(errors).toEqual([]);
  }

  /** Whether the content of the page is wider than the place for it. */
  function isTooWide(page: Page): Promise<boolean> {
    return page.locator("main").evaluate((main) => main.scrollWidth > main.clientWidth);
  }

  async function boxOf(element: Locator) {
    const box = await element.boundingBox();
    if (box === null) throw new Error("the element is not shown");
    return { ...box, right: box.x + box.width, bottom: box.y + box.height };
  }

  async function setRecordings(change: "given up" | "waits for a host"): Promise<void> {
    const host = change === "waits for a host" ? "recordings.example.org" : null;
    await under.ledger.sql`update recording_upload_queue set storage_path = null, peaks_path = null,
      status = ${host === null ? "failed" : "pending"}, waits_for_host = ${host} where call_id = ${callId}`;
  }

  describe("a call", () => {
    test.each([1440, 390] as const)(
      "at %i px shows documents of the provider inside of the page",
      async (width) => {
        const tab = await signedIn("admin", width);
        const { page } = tab;
        await page.goto(`${under.url}/calls/${callId}`);
        const analysis = page.locator("details").filter({ hasText: "structuredOutputs" });
        await analysis.waitFor();
        await page.locator("details").evaluateAll((all) => all.map((one) => one.setAttribute("open", "")));
        const widths = await page
          .locator("details dd")
          .evaluateAll((all) => all.map((one) => one.clientWidth));
        expect(widths.length).toBeGreaterThan(5);
        expect(Math.min(...widths)).toBeGreaterThan(100);
        expect(await isTooWide(page)).toBe(false);
        await finish(tab);
      },
    );

    test("on a phone the player shows the whole channel and speed", async () => {
      const tab = await signedIn("admin", 390);
      await tab.page.goto(`${under.url}/calls/${callId}`);
      const choices = tab.page.getByRole("region", { name: "Recording" }).getByRole("combobox");
      await expect.poll(() => choices.count(), WITHIN).toBe(2);
      const lacking = await choices.evaluateAll((all) =>
        all.map((one) => {
          const { width } = one.getBoundingClientRect();
          one.style.minWidth = "max-content";
          return one.getBoundingClientRect().width - width;
        }),
      );
      expect(Math.max(...lacking)).toBeLessThan(1);
      expect(await isTooWide(tab.page)).toBe(false);
      await finish(tab);
    });

    test("is printed to its end, dark on light", async () => {
      const tab = await signedIn("admin");
      const { page } = tab;
      await page.goto(`${under.url}/calls/${callId}`);
      await page.getByText("Other facts of the reports").waitFor();
      await page.emulateMedia({ media: "print" });
      const main = page.locator("main");
      expect(await main.evaluate((one) => one.clientHeight >= one.scrollHeight)).toBe(true);
      expect(await page.getByRole("navigation").isVisible()).toBe(false);
      await page.evaluate("document.documentElement.dataset.theme = 'dark'");
      expect(await page.evaluate("getComputedStyle(document.querySelector('main')).color")).toBe(
        "rgb(25, 26, 28)",
      );
      await finish(tab);
    });

    test("says once that its recording has failed, and of which host a recording waits", async () => {
      const tab = await signedIn("admin");
      const { page } = tab;
      await setRecordings("given up");
      await page.goto(`${under.url}/calls/${callId}`);
      await page.getByRole("region", { name: "Recording" }).getByText("Recording failed").first().waitFor();
      expect(await page.getByText("Recording not kept").count()).toBe(0);
      await expect.poll(() => page.getByRole("button", { name: "Try again" }).count()).toBe(1);
      await setRecordings("waits for a host");
      await page.reload();
      const banner = page.getByRole("region", { name: "Recording" });
      await banner.getByText("Waiting for the host to be allowed").first().waitFor();
      expect(await page.getByText("Recording on its way").count()).toBe(0);
      await finish(tab);
    });
  });

  test("the number of a call's customer leads to the calls of that number", async () => {
    const tab = await signedIn("staff");
    const { page } = tab;
    await page.goto(`${under.url}/calls/${callId}`);
    const number = page.locator("dl").filter({ hasText: "Our number" }).getByRole("link").first();
    const text = await number.textContent();
    await number.click();
    await page
      .locator("[data-call]")
      .filter({ hasText: text ?? "" })
      .first()
      .waitFor();
    expect(new URL(page.url()).searchParams.get("search")).toBe(text?.replaceAll(" ", ""));
    await finish(tab);
  });

  describe("the list of calls", () => {
    test("shows the duration and the cost of a call at every width, and the whole time", async () => {
      await under.ledger.sql`update calls set started_at = '2025-12-28T17:19:00Z'`;
      const tab = await signedIn("admin");
      const row = tab.page.locator("[data-call]").first();
      for (const width of [1440, 1200, 1024, 880]) {
        await tab.page.setViewportSize({ width, height: 800 });
        await row.locator("time").waitFor();
        const list = await boxOf(tab.page.getByTestId("calls"));
        for (const cell of ["duration", "cost"]) {
          const { right } = await boxOf(row.locator(`[class*=${cell}]`));
          expect(right, `${cell} at ${width} px`).toBeLessThanOrEqual(list.right);
        }
        const time = row.locator("[class*=started]");
        expect(await time.evaluate((cell) => cell.scrollWidth <= cell.clientWidth), `${width} px`).toBe(true);
      }
      await finish(tab);
    });

    test.each([1440, 390] as const)("at %i px shows the button that clears set filters", async (width) => {
      const tab = await signedIn("admin", width);
      await tab.page.goto(`${under.url}/calls?outcome=completed,no_answer&direction=inbound,outbound`);
      const { right } = await boxOf(tab.page.getByRole("button", { name: "Clear all filters" }).first());
      expect(right).toBeLessThanOrEqual(width);
      await finish(tab);
    });

    test("can be put in another order on a phone, where it has no headings", async () => {
      await under.send(
        under.call({ seed: "second", outcome: "no_answer", direction: "outbound" }).deliveries,
      );
      const tab = await signedIn("admin", 390);
      const { page } = tab;
      const first = page.locator("[data-call]").first();
      await first.filter({ hasText: "No answer" }).waitFor();
      await page.getByRole("button", { name: "Order" }).click();
      await page.getByRole("menuitemcheckbox", { name: "Longest first" }).click();
      await first.filter({ hasText: "Completed" }).waitFor();
      expect(new URL(page.url()).search).toBe("?sort=duration");
      await page.getByRole("button", { name: "Remove the filter Order" }).click();
      await first.filter({ hasText: "No answer" }).waitFor();
      await finish(tab);
    });

    test.each([1440, 390] as const)("at %i px its skeleton has the places of what comes", async (width) => {
      const tab = await under.openTab({ width, theme: "light" });
      const { page } = tab;
      let answer = (): void => undefined;
      const answered = new Promise<void>((resolve) => {
        answer = resolve;
      });
      await page.route(/\/api\/v1\/(calls|agents)\b(?!\/stream)/, async (route) => {
        await answered;
        await route.continue();
      });
      await under.signIn(page, "admin");
      await page.locator("[class*=skeleton]").first().waitFor();
      const rights = async (inner: string): Promise<number[]> => {
        const cells = ["started", "duration", ...(width === 390 ? [] : ["cost"])];
        const at = (cell: string) => page.locator(`[class*=rows] [class*=${cell}] ${inner}`).first();
        return Promise.all(cells.map(async (cell) => Math.round((await boxOf(at(cell))).right)));
      };
      const outcome = page.getByRole("button", { name: "Outcome" });
      const before = [...(await rights("[class*=skeleton]")), (await boxOf(outcome)).x];
      answer();
      const row = page.locator("[data-call]").first();
      await row.waitFor();
      await page.getByRole("button", { name: "Agent", exact: true }).waitFor();
      expect([...(await rights("")), (await boxOf(outcome)).x]).toEqual(before);
      await finish(tab);
    });

    test("offers an agent, not a test call, to an organization without one", async () => {
      const orgId = await makeOrganization(under.ledger);
      const tab = await under.openTab();
      await under.signIn(tab.page, "admin", orgId);
      await tab.page.getByRole("link", { name: "Add an agent" }).waitFor();
      await finish(tab);
    });
  });

  test("the scopes of an API key are inside of their row", async () => {
    const tab = await signedIn("admin");
    const { page } = tab;
    await page.goto(`${under.url}/keys`);
    for (const name of ["First", "Second"]) {
      await page.getByRole("button", { name: "Create a key" }).click();
      await page.getByLabel("Name").fill(name);
      for (const box of await page.getByRole("checkbox").all()) await box.check();
      await page.getByRole("button", { name: "Create the key" }).click();
      await page.getByRole("button", { name: "I have copied it" }).click();
    }
    const row = page.getByRole("row").filter({ hasText: "First" });
    const { y, bottom } = await boxOf(row);
    const badges = await Promise.all((await row.locator("td:nth-child(3) span").all()).map(boxOf));
    expect(badges.length).toBeGreaterThan(5);
    for (const badge of badges) {
      expect(badge.y).toBeGreaterThanOrEqual(y);
      expect(badge.bottom).toBeLessThanOrEqual(bottom);
    }
    await finish(tab);
  });

  test("a fault that a field shows is said once, in a sentence, and its field has the focus", async () => {
    const tab = await signedInAsOperator([/status of 400/]);
    const { page } = tab;
    const { orgId } = under.ledger;
    await page.goto(`${under.url}/operator/accounts`);
    await page.getByRole("link", { name: "Connect an account" }).click();
    await page.getByLabel("Name").fill("Faulty");
    await page.getByLabel("Belongs to").selectOption(orgId);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("main").getByRole("link", { name: "Provider accounts" }).click();
    await page.getByRole("row").filter({ hasText: "Faulty" }).getByRole("button", { name: "Change" }).click();
    await page.getByLabel("Recording hosts").fill("https://not-a-host/");
    await page.getByRole("button", { name: "Save" }).click();
    const sentence = /^Recording hosts are host names such as/;
    await page.getByText(sentence).waitFor();
    expect(
      await page
        .getByText(/are host names such as/)
        .filter({ visible: true })
        .count(),
    ).toBe(1);
    const isFocused = () => page.getByLabel("Recording hosts").evaluate((one) => one.matches(":focus"));
    await expect.poll(isFocused, WITHIN).toBe(true);
    await finish(tab);
  });

  test("deliveries that cannot be read are not called none, and can be read again", async () => {
    const tab = await signedInAsOperator([/status of 503/]);
    const { page } = tab;
    let fails = true;
    await page.route(/\/api\/v1\/deliveries\?/, (route) =>
      fails ? route.fulfill({ status: 503, body: "" }) : route.continue(),
    );
    await page.goto(`${under.url}/operator/deliveries`);
    await page.getByText("This could not be loaded").waitFor();
    expect(await page.getByText("No deliveries").count()).toBe(0);
    fails = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("main tbody tr").first().waitFor();
    await finish(tab);
  });

  test("a new organization gets a time zone of the list", async () => {
    const tab = await signedInAsOperator();
    await tab.page.goto(`${under.url}/operator/organizations`);
    await tab.page.getByRole("button", { name: "Create an organization" }).click();
    await tab.page.getByLabel("Time zone").selectOption("Europe/Vienna");
    await finish(tab);
  });
});
