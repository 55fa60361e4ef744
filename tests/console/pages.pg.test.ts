import { readFile } from "node:fs/promises";
import { describeWith } from "@call-ledger/testkit/vitest";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { Role } from "./console-under-test.ts";
import { useConsole } from "./use-console.ts";

const WITHIN = { timeout: 15_000 };
const DAY_MS = 86_400_000;

describeWith("chromium", "what a page of the console does", (chromium) => {
  const under = useConsole(chromium);

  async function as(
    role: Role,
    work: (page: Page) => Promise<void>,
    expected: readonly RegExp[] = [],
  ): Promise<void> {
    const tab = await under.openTab(undefined, expected);
    await under.signIn(tab.page, role);
    await work(tab.page);
    expect(tab.errors).toEqual([]);
    await tab.close();
  }

  beforeAll(async () => {
    await under.send(under.call({ seed: 1, startedAt: Date.now() - 2 * DAY_MS }).deliveries);
    await under.send(
      under.call({ seed: 2, startedAt: Date.now() - DAY_MS, direction: "outbound", outcome: "no_answer" })
        .deliveries,
    );
  }, 240_000);

  test("an agent is added, renamed and removed", async () => {
    await as(null, async (page) => {
      await page.getByRole("link", { name: "Agents" }).click();
      await page.getByRole("button", { name: "Add an agent" }).click();
      await page.getByLabel("Provider's agent id").fill("assistant-of-the-night");
      await page.getByRole("textbox", { name: "Name" }).fill("Night desk");
      await page.getByLabel("Your number").fill("+14155550177");
      await page.getByRole("button", { name: "Add the agent" }).click();
      await page.getByText("The agent was added.").waitFor();
      const row = page.getByRole("row").filter({ hasText: "assistant-of-the-night" });
      await row.getByText("+1 415 555 0177").waitFor();
      await row.getByRole("button", { name: "Change" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("Late desk");
      await page.getByRole("button", { name: "Save" }).click();
      await row.getByText("Late desk").waitFor();
      await row.getByRole("button", { name: "Remove" }).click();
      await page.getByText("New calls of Late desk wait in quarantine. Booked calls stay.").waitFor();
      await page.getByRole("button", { name: "Remove the agent" }).click();
      await row.getByText("Removed").waitFor();
    });
    const rows = await under.ledger.sql`select name, phone_number, deleted_at is not null as removed
      from agents where provider_agent_id = 'assistant-of-the-night'`;
    expect(rows).toMatchObject([{ name: "Late desk", phone_number: "+14155550177", removed: true }]);
  });

  test("a session is ended in another browser, which is signed out", async () => {
    const link = await under.link("admin");
    const email = await newestMember();
    const mine = await under.openTab();
    await mine.page.goto(link);
    await mine.page.getByRole("heading", { name: "Calls", exact: true }).waitFor();
    const other = await under.openTab(undefined, [/status of 401/]);
    await other.page.goto(await secondLink(email));
    await other.page.getByRole("heading", { name: "Calls", exact: true }).waitFor();
    await mine.page.goto(`${under.url}/sessions`);
    const others = mine.page.getByRole("row").filter({ hasText: "Chrom", hasNotText: "This one" });
    await others.getByRole("button", { name: "End" }).click();
    await mine.page.getByRole("button", { name: "End", exact: true }).last().click();
    await mine.page.getByText("The session has ended.").waitFor();
    await others.waitFor({ state: "detached" });
    await other.page.getByText("Your session has ended").waitFor();
    for (const { errors, close } of [mine, other]) {
      expect(errors).toEqual([]);
      await close();
    }
  });

  test("the CSV has the calls that the filters select, and no costs for a receptionist", async () => {
    const exported = async (page: Page): Promise<string[]> => {
      await page.goto(`${under.url}/calls?outcome=no_answer`);
      await page.locator("[data-call]").first().waitFor();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Export CSV" }).click(),
      ]);
      const text = await readFile(await download.path(), "utf8");
      return text
        .replace(/^\uFEFF/, "")
        .trim()
        .split("\r\n");
    };
    await as("admin", async (page) => {
      const [heading, ...rows] = await exported(page);
      expect(heading).toContain("cost_usd");
      expect(rows).toHaveLength(1);
      expect(rows[0]).toContain("no_answer");
    });
    await as("staff", async (page) => {
      const [heading, ...rows] = await exported(page);
      expect(heading).not.toContain("cost");
      expect(rows).toHaveLength(1);
    });
  });

  test("a day of the chart leads to its calls", async () => {
    await as("admin", async (page) => {
      await page.goto(`${under.url}/overview`);
      const day = page.getByRole("list", { name: "Calls by day" }).getByRole("link", { name: /: 1 call$/ });
      await expect.poll(() => day.count(), WITHIN).toBe(2);
      await day.first().click();
      await page.getByRole("heading", { name: "Calls", exact: true }).waitFor();
      await expect.poll(() => page.locator("[data-call]").count(), WITHIN).toBe(1);
    });
  });

  test("the page Deliveries waits while it is paused, and its filter is in the address", async () => {
    await as(null, async (page) => {
      await page.goto(`${under.url}/operator/deliveries`);
      const rows = page.getByRole("table", { name: "Deliveries" }).getByRole("row");
      await rows.first().waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      const before = await rows.count();
      const { deliveries } = under.call({ seed: 3 });
      await under.send(deliveries);
      await page.getByRole("button", { name: `Resume (${deliveries.length} waiting)` }).waitFor();
      expect(await rows.count()).toBe(before);
      await page.getByRole("button", { name: "Resume" }).click();
      await expect.poll(() => rows.count(), WITHIN).toBe(before + deliveries.length);
      await under.send(deliveries.slice(0, 1));
      await page.getByLabel("Outcome").selectOption("duplicate");
      await expect.poll(() => rows.count(), WITHIN).toBe(2);
      expect(page.url()).toContain("outcome=duplicate");
      await page.reload();
      await expect.poll(() => rows.count(), WITHIN).toBe(2);
      await page.goBack();
      await expect.poll(() => rows.count(), WITHIN).toBeGreaterThan(before);
    });
  });

  test("an expired sign-in link says so, and what to do", async () => {
    const { sql } = under.ledger;
    const link = await under.link("admin");
    await sql`update sign_in_links set created_at = now() - interval '1 hour', expires_at = now() - interval '1 minute'
      where id = (select id from sign_in_links order by created_at desc limit 1)`;
    const tab = await under.openTab(undefined, [/status of 410/]);
    await tab.page.goto(link);
    await tab.page.getByRole("heading", { name: "This link has expired" }).waitFor();
    await tab.page.getByText("Ask an administrator of your organization for a new one.").waitFor();
    expect(tab.errors).toEqual([]);
    await tab.close();
  });

  test("a link to a call ends when it is revoked", async () => {
    await as("admin", async (page) => {
      await page.locator("[data-call] a").first().click();
      await page.getByRole("button", { name: "Share" }).click();
      await page.getByRole("button", { name: "Create a link" }).click();
      const link = (await page.getByRole("dialog").locator("code").textContent()) ?? "";
      const shared = new URL(new URL(link).pathname, under.url).href;
      const guest = await under.openTab(undefined, [/status of 410/]);
      await guest.page.goto(shared);
      await guest.page.getByText("This link is valid until").waitFor();
      await page.getByRole("button", { name: "I have copied it" }).click();
      await page.getByRole("button", { name: "Share" }).click();
      await page.getByRole("button", { name: "Revoke" }).click();
      await page.getByText(/^The link of .* stops working at once, for everyone who has it\.$/).waitFor();
      await page.getByRole("button", { name: "Revoke the link" }).click();
      await page.getByRole("button", { name: "Revoke" }).waitFor({ state: "detached" });
      await guest.page.reload();
      await guest.page.getByText("This link is not valid any more").waitFor();
      expect(guest.errors).toEqual([]);
      await guest.close();
    });
  });

  async function newestMember(): Promise<string> {
    const [member] = await under.ledger.sql`select email from members order by created_at desc limit 1`;
    return member?.email;
  }

  /** Returns another link of the same member, as for a second browser. */
  async function secondLink(email: string): Promise<string> {
    const { sql } = under.ledger;
    const token = await under.link("viewer");
    await sql`update sign_in_links set member_id = (select id from members where email = ${email})
      where id = (select id from sign_in_links order by created_at desc limit 1)`;
    return token;
  }
});
