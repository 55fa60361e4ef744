import { readFile } from "node:fs/promises";
import { describeWith } from "@call-ledger/testkit/vitest";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { Look } from "./browser.ts";
import { useConsole } from "./use-console.ts";

const WITHIN = { timeout: 15_000 };
const MINUTE_MS = 60_000;
/** 10:30 in Chicago, and the next day in Tokyo. */
const MARCH = Date.UTC(2026, 2, 12, 15, 30);

describeWith("chromium", "what the console tells of a call", (chromium) => {
  const under = useConsole(chromium);
  let recorded: string;
  let old: string;

  async function asAdmin(
    work: (page: Page) => Promise<void>,
    { look, expected }: { look?: Look; expected?: readonly RegExp[] } = {},
  ): Promise<void> {
    const tab = await under.openTab(look, expected);
    await under.signIn(tab.page, "admin");
    await work(tab.page);
    expect(tab.errors).toEqual([]);
    await tab.close();
  }

  beforeAll(async () => {
    const { sql, orgId } = under.ledger;
    await sql`update organizations set time_zone = 'America/Chicago' where id = ${orgId}`;
    const call = under.call({ seed: "march", startedAt: MARCH, turns: 12 });
    await under.send(call.deliveries);
    old = call.callId;
    await sql`update calls set customer_name = 'Zoë "=1+2" 日本' where provider_call_id = ${old}`;
    ({ callId: recorded } = await under.recordedCall({ seed: 7 }));
    await sql`update calls set customer_name = '=1+2' where id = ${recorded}`;
  }, 240_000);

  test("its times are those of the organization in a browser of another zone, with UTC in the tooltip", async () => {
    const look = { width: 1440, theme: "light", timezoneId: "Asia/Tokyo" } as const;
    await asAdmin(
      async (page) => {
        await page.getByText("Times in Chicago").waitFor();
        await page.goto(`${under.url}/calls/${old}`);
        const time = page.getByRole("main").locator("time").first();
        await time.waitFor();
        expect(await time.textContent()).toMatch(/^Mar 12.* 10:30/);
        expect(await time.getAttribute("title")).toMatch(/10:30:\d\d CDT\n2026-03-12 15:30:\S+ UTC$/);
      },
      { look },
    );
  });

  test("a live call stands above one that began later, and its clock runs", async () => {
    const live = under.call({ seed: "live", startedAt: Date.now() - 3 * MINUTE_MS });
    const answered = live.deliveries.findIndex(({ detail }) => detail === "in-progress");
    await under.send(live.deliveries.slice(0, answered + 1));
    const later = under.call({
      seed: "later",
      startedAt: Date.now() - 2 * MINUTE_MS,
      direction: "outbound",
      outcome: "no_answer",
    });
    await under.send(later.deliveries);
    await asAdmin(async (page) => {
      await page.locator("[data-call]").filter({ hasText: "No answer" }).first().waitFor();
      const first = page.locator("[data-call]").first();
      await first.getByText("In progress").waitFor();
      const clock = first.getByText(/^\d+:\d\d$/);
      const shown = (await clock.textContent()) ?? "";
      await expect.poll(() => clock.textContent(), WITHIN).not.toBe(shown);
      await under.send(live.deliveries.slice(answered + 1));
      await page.getByText("In progress").waitFor({ state: "detached" });
    });
  });

  test("a fault has the words and the request id of the API's answer", async () => {
    await asAdmin(
      async (page) => {
        const answered = page.waitForResponse((response) => response.url().endsWith("/api/v1/calls/unknown"));
        await page.goto(`${under.url}/calls/unknown`);
        const answer = await answered;
        const { detail } = await answer.json();
        const alert = page.getByRole("alert");
        await alert.getByText(detail).waitFor();
        const id = await alert.locator("code").textContent();
        expect(id).toBe((await answer.allHeaders())["x-request-id"]);
        expect(id).toMatch(/\S{8}/);
      },
      { expected: [/status of 404/] },
    );
  });

  test("a delivery of its timeline is read and booked again, and the result is said", async () => {
    await asAdmin(async (page) => {
      await page.goto(`${under.url}/calls/${old}`);
      await page.getByRole("tab", { name: "Timeline" }).click();
      await page.getByRole("link", { name: "Show the delivery" }).last().click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Read and book it again" }).click();
      await dialog.getByRole("status").getByText("All of it was booked before.").waitFor();
    });
  });

  test("a tool call stands in its place of the conversation, with its arguments, result and time", async () => {
    await asAdmin(async (page) => {
      const response = await page.request.get(`${under.url}/api/v1/calls/${old}`);
      const { conversation } = await response.json();
      const place = conversation.findIndex(({ kind }: { kind: string }) => kind === "tool_call");
      const { name, arguments: given, result, took_ms: took } = conversation[place];
      await page.goto(`${under.url}/calls/${old}`);
      const lines = page.getByRole("main").locator("ol > li");
      await lines.getByText(conversation.at(-1).text).waitFor();
      expect(await lines.count()).toBe(conversation.length);
      const line = lines.nth(place);
      await line.locator("summary").click();
      expect(await line.locator("summary").textContent()).toMatch(new RegExp(`^${name}[\\d.,]+ m?s$`));
      expect(took).toBeGreaterThan(0);
      const shown = await line.locator("pre").allTextContents();
      expect(shown.map((text) => JSON.parse(text))).toEqual([given, result]);
    });
  });

  test("the chosen speed is that of the audio", async () => {
    const tab = await under.openTab();
    await tab.page.addInitScript(`
      const Plain = globalThis.Audio;
      globalThis.audios = [];
      globalThis.Audio = function () { const one = new Plain(); audios.push(one); return one; };
    `);
    await under.signIn(tab.page, "staff");
    await tab.page.goto(`${under.url}/calls/${recorded}`);
    const player = tab.page.getByRole("region", { name: "Recording" });
    await player.getByRole("combobox", { name: "Speed" }).selectOption("2");
    await player.getByRole("button", { name: "Play", exact: true }).click();
    const playing = () =>
      tab.page.evaluate("audios.filter((one) => !one.paused).map((one) => one.playbackRate)");
    await expect.poll(playing, WITHIN).toEqual([2]);
    expect(tab.errors).toEqual([]);
    await tab.close();
  });

  test("a link that shares it ends with its time, and is not listed any more", async () => {
    const { sql } = under.ledger;
    await asAdmin(async (page) => {
      await page.goto(`${under.url}/calls/${old}`);
      const made: string[] = [];
      for (const _link of ["that ends", "that stays"]) {
        await page.getByRole("button", { name: "Share" }).click();
        await page.getByRole("button", { name: "Create a link" }).click();
        made.push((await page.getByRole("dialog").locator("code").textContent()) ?? "");
        await page.getByRole("button", { name: "I have copied it" }).click();
      }
      const guest = await under.openTab(undefined, [/status of 410/]);
      await guest.page.goto(new URL(new URL(made[0] ?? "").pathname, under.url).href);
      await guest.page.getByText("This link is valid until").waitFor();
      await sql`update share_links set created_at = now() - interval '2 days', expires_at = now() - interval '1 day'
        where id = (select id from share_links order by created_at limit 1)`;
      await guest.page.reload();
      await guest.page.getByText("This link is not valid any more").waitFor();
      expect(guest.errors).toEqual([]);
      await guest.close();
      await page.reload();
      await page.getByRole("button", { name: "Share" }).click();
      // Both would appear at once.
      const revoke = page.getByRole("dialog").getByRole("button", { name: "Revoke" });
      await revoke.first().waitFor();
      expect(await revoke.count()).toBe(1);
      await page.goto(`${under.url}/audit`);
      await page.getByText("shared a call by a link").first().waitFor();
    });
  });

  test("the CSV is UTF-8, and its rows have the columns of its heading", async () => {
    await asAdmin(async (page) => {
      await page.goto(`${under.url}/calls?from=2026-03-12&to=2026-03-13`);
      await page.locator("[data-call]").first().waitFor();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Export CSV" }).click(),
      ]);
      expect(download.suggestedFilename()).toBe("calls.csv");
      const bytes = await readFile(await download.path());
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      const [heading = "", ...rows] = text.split("\r\n");
      expect(rows.pop()).toBe("");
      expect(rows).toHaveLength(2);
      const row = rows.find((one) => one.includes(old)) ?? "";
      expect(row).toContain(',"Zoë ""=1+2"" 日本",');
      expect(text).toContain(",'=1+2,");
      const cells = row.replaceAll(/"(?:[^"]|"")*"/g, "quoted").split(",");
      const columns = heading.split(",");
      expect(cells).toHaveLength(columns.length);
      expect(cells[columns.indexOf("customer_name")]).toBe("quoted");
      expect(Number(cells[columns.indexOf("cost_usd")])).toBeGreaterThan(0);
    });
  });
});
