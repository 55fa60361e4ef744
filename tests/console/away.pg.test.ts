import { describeWith } from "@call-ledger/testkit/vitest";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { useConsole } from "./use-console.ts";

const FRESH_MS = 5_500;
const UNANSWERED = [/ERR_|status of 50[034]|the server responded/];

describeWith("chromium", "the console while something is away", (chromium) => {
  const under = useConsole(chromium);

  async function asOperator(work: (page: Page) => Promise<void>): Promise<void> {
    const tab = await under.openTab(undefined, UNANSWERED);
    await tab.page.goto(await under.link(null));
    await tab.page.getByRole("link", { name: "Health" }).waitFor();
    await work(tab.page);
    expect(tab.errors).toEqual([]);
    await tab.close();
  }

  /** Runs `work` while no session can be checked, so that the api answers all reads with 503. */
  function withoutAnswers(work: () => Promise<void>, tables = "sessions"): Promise<void> {
    return under.ledger.sql.begin(async (transaction) => {
      await transaction.unsafe(`lock table ${tables} in access exclusive mode`);
      await work();
    }) as Promise<void>;
  }

  test("the page Health does not look healthy, and shows the health again afterwards", async () => {
    await asOperator(async (page) => {
      await page.getByRole("link", { name: "Health" }).click();
      const works = page.getByText("Works", { exact: true }).first();
      await works.waitFor();
      await withoutAnswers(async () => {
        await page.getByRole("alert").first().waitFor();
        await expect.poll(() => works.count()).toBe(0);
      });
      await works.waitFor();
    });
  });

  test("the list of calls does not look live, and a page that is opened meanwhile says why it is empty", async () => {
    await asOperator(async (page) => {
      const live = page.getByText("Live", { exact: true });
      await live.waitFor();
      await withoutAnswers(async () => {
        await page.getByText("No connection to the server").waitFor({ timeout: 60_000 });
        expect(await live.count()).toBe(0);
        const opened = await page.context().newPage();
        await opened.goto(`${under.url}/calls`);
        await opened.getByRole("button", { name: "Try again" }).waitFor({ timeout: 15_000 });
        await opened.close();
      }, "sessions, call_changes");
      await live.waitFor({ timeout: 60_000 });
    });
  });

  test("the overview says from when its values are, and not that all is well", async () => {
    await asOperator(async (page) => {
      await page.goto(`${under.url}/overview`);
      const calm = page.getByText("Nothing needs attention.");
      await calm.waitFor();
      await page.route("**/attention*", (route) => route.fulfill({ status: 500 }));
      await readAgain(page);
      await page.getByText(/It shows values from \d\d:\d\d:\d\d\.$/).waitFor();
      await calm.waitFor({ state: "detached" });
      await page.unroute("**/attention*");
      await page.getByRole("button", { name: "Try again" }).click();
      await calm.waitFor();
      await page.getByText(/It shows values from/).waitFor({ state: "detached" });
    });
  });

  test("the page Deliveries goes on after a refusal, and reads what it missed", async () => {
    await asOperator(async (page) => {
      await page.route("**/deliveries/stream*", (route) => route.fulfill({ status: 503 }), { times: 2 });
      await page.getByRole("link", { name: "Deliveries" }).click();
      await page.getByText("No deliveries").waitFor();
      const rows = page.getByRole("table", { name: "Deliveries" }).getByRole("row");
      for (const [sent, seed] of ["before the stream is open", "as it comes"].entries()) {
        await under.send(under.call({ seed }).deliveries.slice(0, 1));
        await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(sent + 2);
      }
    });
  });
});

/** Makes the queries of a page that are older than their time of freshness read again, as a return to the tab does. */
async function readAgain(page: Page): Promise<void> {
  await page.waitForTimeout(FRESH_MS);
  await page.evaluate('dispatchEvent(new Event("visibilitychange"))');
}
