import { makeOrganization } from "@call-ledger/api/testing/access";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { describeWith } from "@call-ledger/testkit/vitest";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { accessibilityFaults } from "./browser.ts";
import { useConsole } from "./use-console.ts";

describeWith("chromium", "the operator in the console", (chromium) => {
  const under = useConsole(chromium);

  /** Runs steps in a tab of the operator. Nothing but `expected` may be an error of the browser. */
  async function asOperator(steps: (page: Page) => Promise<void>, expected: readonly RegExp[] = []) {
    const { page, errors, close } = await under.openTab(undefined, expected);
    await page.goto(await under.link(null));
    await page.getByRole("link", { name: "Health" }).waitFor();
    await steps(page);
    await close();
    expect(errors).toEqual([]);
  }

  test("a day that lacks calls says how many and why, and links to its calls", async () => {
    const { sql, orgId } = under.ledger;
    const account = PLATFORM_ACCOUNTS.vapi ?? "";
    await asOperator(async (page) => {
      await page.getByRole("link", { name: "Completeness" }).click();
      await page.getByRole("heading", { name: "Not compared" }).waitFor();
      await sql`insert into reconciled_accounts (provider_account_id, provider, compared_since, compared_until)
        values (${account}, 'vapi', now() - interval '9 days', now())`;
      await sql`insert into provider_calls (provider_account_id, provider_call_id, org_id, created_at, has_ended, lacked, missing)
        select ${account}, 'listed ' || n, ${orgId}, now() - interval '1 day', true,
          case n when 1 then 'report' else 'call' end, case n when 3 then 'unknown_agent' end
        from generate_series(1, 3) n`;
      await sql`insert into calls (org_id, id, provider, provider_account_id, provider_call_id, awaits_report)
        select ${orgId}, gen_random_uuid(), 'vapi', ${account}, 'listed ' || n, false from generate_series(1, 2) n`;
      await page.getByRole("link", { name: "Overview" }).click();
      await page.reload();
      await page
        .getByText("The ledger lacks calls of the provider's list: it has 2 of 3. Repaired: 2.")
        .waitFor();
      const days = page.getByRole("list", { name: "The last 30 days" });
      await expect.poll(() => days.getByRole("listitem").count()).toBe(30);
      const lacking = days.getByRole("link", { name: /Calls are missing$/ });
      expect((await lacking.getAttribute("title"))?.split("\n").slice(1)).toEqual([
        "At the provider: 3",
        "In the ledger: 2",
        "Difference: 1, 1 of an agent that is not registered",
        "Repaired: 1 missing altogether, 1 without a report",
      ]);
      await lacking.click();
      await page.getByRole("dialog").getByRole("row").filter({ hasText: "listed 3" }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: "Overview" }).click();
      await page.getByRole("link", { name: /^Vapi: \d+ of \d+ past days are complete$/ }).click();
      const day = page.getByRole("row").filter({ hasText: "Calls are missing" });
      await day.waitFor();
      // Every day since the comparison began has a row, and those before it have one together.
      const rows = page.getByRole("table", { name: "Completeness" }).getByRole("row");
      expect(await rows.count()).toBe(11);
      await rows.last().getByText("Not compared yet").waitFor();
      await page.getByRole("link", { name: /past days are complete$/ }).click();
      await page.locator("div:focus").getByRole("table", { name: "Completeness" }).waitFor();
      const [, theirs, ours, difference, repaired, missing] = await day.getByRole("cell").allInnerTexts();
      expect([theirs, ours, difference, missing]).toEqual([
        "3",
        "2",
        "1",
        "1 of an agent that is not registered",
      ]);
      expect(repaired?.split("\n").sort()).toEqual(["1 missing altogether", "1 without a report"]);
      await day.getByRole("link", { name: "1 of an agent that is not registered" }).click();
      const shown = page.getByRole("dialog");
      await shown.getByRole("row").filter({ hasText: "listed 3" }).waitFor();
      expect(await shown.getByRole("row").count()).toBe(2);
      await shown.getByText("Its agent is not registered").waitFor();
      await page.keyboard.press("Escape");
      await page.waitForURL(/\/completeness$/);
      await day.getByRole("link", { name: "2", exact: true }).click();
      await shown.getByRole("link", { name: "listed 1", exact: true }).waitFor();
      await page.goBack();
      await day.getByRole("link").first().click();
      await page.waitForURL(/\/calls\?from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d$/);
    });
  });

  test("a new tab shows the calls of the only organization at once, and later those of the last choice", async () => {
    const { callId, deliveries } = under.call({ seed: "in a new tab" });
    await under.send(deliveries);
    await asOperator(async (first) => {
      const refused: string[] = [];
      const open = async (path: string) => {
        const page = await first.context().newPage();
        page.on("response", (response) => response.status() >= 400 && refused.push(response.url()));
        await page.goto(under.url + path);
        return page;
      };
      await first.evaluate("localStorage.clear()");
      const call = await open(`/calls/${callId}`);
      await call.getByRole("tab", { name: "Timeline" }).waitFor();
      await makeOrganization(under.ledger);
      const list = await open("/calls");
      await list.locator("[data-call]").first().waitFor();
      expect(refused).toEqual([]);
      await list.evaluate("localStorage.clear(); sessionStorage.clear()");
      await list.reload();
      await list.locator("main").getByRole("button", { name: "Northgate Plumbing" }).click();
      await list.locator("[data-call]").first().waitFor();
      await under.ledger.sql`delete from organizations where name = 'next door'`;
    });
  });

  test("a call of another organization than the chosen one is offered there", async () => {
    await makeOrganization(under.ledger);
    const { callId, deliveries } = under.call({ seed: "of another organization" });
    await under.send(deliveries);
    await asOperator(
      async (page) => {
        await page.getByRole("link", { name: "Deliveries" }).click();
        await page
          .getByRole("link", { name: callId.slice(0, 13) })
          .first()
          .click();
        await page.getByRole("button", { name: "Show it at Northgate Plumbing" }).click();
        await page.getByRole("tab", { name: "Timeline" }).waitFor();
      },
      [/status of 40[04]/],
    );
  });

  test("a host is allowed from the call whose recording waits for it, and the recording is due", async () => {
    const { sql, orgId } = under.ledger;
    const { callId, deliveries } = under.call({ seed: "at a strange host", outcome: "canceled" });
    await under.send(deliveries);
    await sql`insert into recording_upload_queue (org_id, call_id, channel, waits_for_host, next_attempt_at)
      select ${orgId}, id, 'mono', 'recordings.example.com', now() + interval '10 minutes' from calls
      where provider_call_id = ${callId}`;
    await asOperator(async (page) => {
      await page.evaluate(`sessionStorage.setItem("organization", "${orgId}")`);
      // The number of such recordings on the page Health leads to the call.
      await page.goto(`${under.url}/operator/health`);
      const recordings = page.locator("section").filter({ hasText: "Waiting for their host to be allowed" });
      await recordings.getByRole("link", { name: "1", exact: true }).first().click();
      const listed = page.getByRole("dialog").getByRole("row").filter({ hasText: "recordings.example.com" });
      await listed.getByRole("link").click();
      await page.getByRole("link", { name: "Allow the host" }).click();
      const dialog = page.getByRole("dialog", { name: "Change the account" });
      expect(await dialog.getByLabel("Recording hosts").inputValue()).toBe("recordings.example.com");
      await dialog.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved.").waitFor();
      await dialog.waitFor({ state: "detached" });
      const [job] = await sql`select next_attempt_at <= now() as due from recording_upload_queue
        where waits_for_host = 'recordings.example.com'`;
      expect(job?.due).toBe(true);
    });
  });

  test("the pages of an organization show its alarms and the installation's, not those of others", async () => {
    const { sql, orgId } = under.ledger;
    const neighbour = await makeOrganization(under.ledger);
    await sql`insert into alarms (org_id, condition, scope, figures, opened_at, last_seen_at)
      select owner, condition, scope, '{"calls": 7, "seconds": 300}', now(), now()
      from (values (${orgId}::uuid, 'calls_overdue', ${`organization:${orgId}`}),
        (${neighbour}::uuid, 'recordings_given_up', ${`organization:${neighbour}`}),
        (null, 'worker_silent', 'installation')) as alarm (owner, condition, scope)`;
    await asOperator(async (page) => {
      await page.evaluate(`sessionStorage.setItem("organization", "${orgId}")`);
      for (const path of ["/overview", "/completeness"]) {
        await page.goto(under.url + path);
        await page.getByText("Background work has stopped").first().waitFor();
        await page.getByText("Calls are overdue").first().waitFor();
        expect(await page.getByText("Recordings were given up").count()).toBe(0);
      }
      await page.locator("main").getByRole("link", { name: "All alarms" }).click();
      await page.getByText("Recordings were given up").first().waitFor();
      await page.getByRole("link", { name: /given up/ }).click();
      await page.getByRole("button", { name: /^next door/ }).waitFor();
      await page.waitForURL(/\/calls\?recording_state=failed,expired$/);
    });
  });

  test("an agent is registered from the quarantine, and what waited is booked and no longer shown", async () => {
    await under.send(under.call({ seed: "unregistered", assistantId: "unregistered" }).deliveries);
    await asOperator(async (page) => {
      await page.getByRole("link", { name: "Quarantine" }).click();
      const group = page.getByRole("row").filter({ hasText: "unregistered" });
      await group.getByRole("button", { name: "Register the agent" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Organization").selectOption(under.ledger.orgId);
      await dialog.getByLabel("Name").fill("Night desk");
      await dialog.getByRole("button", { name: "Register and book" }).click();
      await dialog.waitFor({ state: "detached" });
      expect(await group.getByRole("button", { name: "Register the agent" }).count()).toBe(0);
      await group.waitFor({ state: "detached" });
    });
    const [booked] = await under.ledger.sql`select count(*)::int as calls
      from calls c join agents a on a.id = c.agent_id where a.name = 'Night desk'`;
    expect(booked?.calls).toBe(1);
  });

  test("a delivery is dropped from the quarantine after its name was read", async () => {
    await under.send(under.call({ seed: "dropped", assistantId: "nobody's" }).deliveries.slice(0, 2));
    const waiting = async () => {
      const [row] = await under.ledger
        .sql`select count(*)::int as n from quarantined_deliveries where provider_agent_id = ${"nobody's"}`;
      return row?.n;
    };
    expect(await waiting()).toBe(2);
    await asOperator(async (page) => {
      await page.goto(`${under.url}/operator/quarantine`);
      const group = page.getByRole("row").filter({ hasText: "nobody's" });
      await group.getByRole("link", { name: "Show" }).click();
      for (const left of [1, 0]) {
        const list = page.getByRole("dialog", { name: "Agent not registered" });
        await list.locator("summary").first().click();
        await list.getByRole("button", { name: "Drop the delivery" }).click();
        const question = page.getByRole("dialog", { name: "Drop this delivery?" });
        expect(await accessibilityFaults(page)).toEqual([]);
        await question.getByText(/^The delivery status-update of .* is deleted for good/).waitFor();
        await question.getByRole("button", { name: "Drop the delivery" }).click();
        await question.waitFor({ state: "detached" });
        expect(await waiting()).toBe(left);
      }
      // Rows behind a dialog have no role: without it, they are looked for again.
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await group.waitFor({ state: "detached" });
    });
  });

  test("a number without an agent is given to one, and what waited is booked", async () => {
    const [delivery] = under.call({ seed: "by number" }).deliveries;
    const message = { type: "status-update", status: "ringing", timestamp: Date.now() };
    const call = { id: "by-number-1", type: "inboundPhoneCall", phoneNumber: { number: "+14155550188" } };
    if (delivery === undefined) throw new Error("the call has no deliveries");
    await under.send([{ ...delivery, body: JSON.stringify({ message: { ...message, call } }) }]);
    await asOperator(async (page) => {
      await page.goto(`${under.url}/operator/quarantine`);
      const group = page.getByRole("row").filter({ hasText: "555 0188" });
      await group.getByRole("link", { name: "Give" }).click();
      const giving = page.getByText("+1 415 555 0188 belongs to no agent.");
      const organization = page.getByRole("main").getByRole("button", { name: "Northgate Plumbing" });
      await giving.or(organization).waitFor();
      if (await organization.isVisible()) await organization.click();
      await giving.waitFor();
      await page.getByRole("button", { name: "Change" }).first().click();
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved.").waitFor();
      await giving.waitFor({ state: "detached" });
    });
    const booked = () => under.ledger.sql`select 1 from calls where provider_call_id = 'by-number-1'`;
    await expect.poll(async () => (await booked()).length).toBe(1);
  });

  test("an account gets its API key, and the key is not shown again", async () => {
    const { orgId } = under.ledger;
    await asOperator(async (page) => {
      await page.getByRole("link", { name: "Provider accounts" }).click();
      await page.getByRole("link", { name: "Connect an account" }).click();
      await page.getByLabel("Name").fill("Own account");
      await page.getByLabel("Belongs to").selectOption(orgId);
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByText("Waiting for the first delivery").waitFor();
      const typed = page.getByText("{timestamp}.{body}", { exact: true });
      expect(await typed.evaluate((one) => Reflect.get(globalThis, "getComputedStyle")(one).display)).toBe(
        "inline",
      );
      const secret = await page.locator("li code").nth(1).textContent();
      await page.getByRole("button", { name: "Make a new secret" }).click();
      const question = page.getByRole("dialog", { name: "Make a new secret?" });
      await question.getByText("The present secret of Own account stays valid").waitFor();
      await question.getByRole("button", { name: "Cancel" }).click();
      expect(await page.getByText(secret ?? "").count()).toBe(1);
      await page.getByRole("button", { name: "Make a new secret" }).click();
      await question.getByRole("button", { name: "Make a new secret" }).click();
      await page.getByText(secret ?? "").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "I have copied it" }).click();
      await page.getByText("The secret was shown when it was made").waitFor();
      await page.getByRole("main").getByRole("link", { name: "Provider accounts" }).click();
      const row = page.getByRole("row").filter({ hasText: "Own account" });
      await row.getByRole("button", { name: "Change" }).click();
      await page.getByLabel("API key of the provider").fill("a-private-key");
      await page.getByLabel("Recording hosts").fill("a.example.com, *.b.example.com");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved.").waitFor();
      await row.getByRole("button", { name: "Change" }).click();
      expect(await page.getByLabel("API key of the provider").inputValue()).toBe("");
      expect(await page.getByLabel("Recording hosts").inputValue()).toBe("a.example.com, *.b.example.com");
    });
  });
});
