import { makeOrganization } from "@call-ledger/api/testing/access";
import { describeWith } from "@call-ledger/testkit/vitest";
import { describe, expect, test } from "vitest";
import type { Look, Tab } from "./browser.ts";
import type { Role } from "./console-under-test.ts";
import { useConsole } from "./use-console.ts";

const LIVE_MS = 1_000;
const WITHIN = { timeout: 15_000 };

describeWith("chromium", "the console in a browser", (chromium) => {
  const under = useConsole(chromium);

  /** Opens a tab and signs in. */
  async function signedIn(role: Role, look?: Look, expected?: readonly RegExp[]): Promise<Tab> {
    const tab = await under.openTab(look, expected);
    await under.signIn(tab.page, role);
    return tab;
  }

  async function finish({ errors, close }: Tab): Promise<void> {
    await close();
    expect(errors).toEqual([]);
  }

  describe("signing in", () => {
    test("a link signs in once, and the second use says that it was used", async () => {
      const link = await under.link("admin");
      const first = await under.openTab();
      await first.page.goto(link);
      await first.page.getByText("No calls yet").waitFor();
      expect(new URL(first.page.url()).hash).toBe("");
      await finish(first);
      const second = await under.openTab(undefined, [/status of (410|401)/]);
      await second.page.goto(link);
      await second.page.getByRole("heading", { name: "This link was used already" }).waitFor();
      await finish(second);
    });

    test("an operator with one organization sees its calls right after signing in", async () => {
      const tab = await under.openTab();
      await under.signIn(tab.page, null);
      await tab.page.getByText("Northgate Plumbing").first().waitFor();
      await tab.page.getByText("No calls yet").waitFor();
      await finish(tab);
    });

    test.each([
      ["/calls", "You are not signed in."],
      ["/sign-in#cll_0000000000000000000000000000000000000000000", "This link is not valid"],
    ])("without a session %s says: %s", async (path, text) => {
      const tab = await under.openTab(undefined, [/status of 40[14]/]);
      await tab.page.goto(under.url + path);
      await tab.page.getByText(text).waitFor();
      expect(await tab.page.locator("main").getByText("call-ledger", { exact: true }).count()).toBe(1);
      await finish(tab);
    });

    test("a session that is revoked ends the page", async () => {
      const tab = await signedIn("admin", undefined, [/status of 401/]);
      await under.ledger.sql`update sessions set revoked_at = now()`;
      const ended = tab.page.getByText("Your session has ended");
      // The end of the stream may come first and remove the link.
      await Promise.any([tab.page.getByRole("link", { name: "Members" }).click(), ended.waitFor()]);
      await ended.waitFor();
      await finish(tab);
    });
  });

  describe("the list", () => {
    // Other work of the machine can delay a browser, so a slow attempt is repeated with another call.
    test("shows each delivery within a second, from the first ring to the report", {
      retry: 2,
    }, async () => {
      const tab = await signedIn("admin");
      await tab.page.getByText("Live", { exact: true }).waitFor();
      const call = under.call({ seed: `live ${Date.now()}` });
      const row = tab.page.locator("[data-call]").first();
      const seen = async (types: (type: string, detail: string | null) => boolean, text: RegExp) => {
        await under.send(call.deliveries.filter(({ type, detail }) => types(type, detail)));
        const sentAt = performance.now();
        await row.getByText(text).waitFor({ timeout: 5_000 });
        return performance.now() - sentAt;
      };
      const waits = [
        await seen((type, detail) => type === "status-update" && detail === "ringing", /Ringing/),
        await seen((type, detail) => type === "status-update" && detail === "in-progress", /In progress/),
        await seen((type, detail) => type === "status-update" && detail === "ended", /Completed|Unknown/),
        await seen((type) => type === "end-of-call-report", /Completed/),
      ];
      expect(Math.max(...waits)).toBeLessThan(LIVE_MS);
      await finish(tab);
    });

    test("can be used by keyboard, and the URL contains its filters and the open call", async () => {
      await under.send(under.call({ seed: "first" }).deliveries);
      await under.send(
        under.call({ seed: "second", direction: "outbound", outcome: "no_answer" }).deliveries,
      );
      const tab = await signedIn("admin");
      const { page } = tab;
      await page.locator("[data-call]").nth(1).waitFor();
      await page.keyboard.press("j");
      await page.keyboard.press("j");
      await page.keyboard.press("Enter");
      const sheet = page.getByRole("complementary", { name: "Call" });
      await sheet.getByRole("tab", { name: "Conversation" }).waitFor();
      const focused = () => page.evaluate("document.activeElement?.closest('h2, [data-call]')?.tagName");
      await expect.poll(focused, WITHIN).toBe("H2");
      const opened = new URL(page.url()).searchParams.get("call");
      await page.keyboard.press("k");
      await expect.poll(() => new URL(page.url()).searchParams.get("call"), WITHIN).not.toBe(opened);
      await page.keyboard.press("Escape");
      await sheet.waitFor({ state: "detached" });
      await expect.poll(focused, WITHIN).toBe("DIV");
      await page.getByRole("button", { name: "Outcome" }).click();
      await page.getByRole("menuitemcheckbox", { name: "No answer" }).click();
      await page.keyboard.press("Escape");
      await expect.poll(() => page.locator("[data-call]").count(), WITHIN).toBe(1);
      await page.reload();
      await page.getByText("No answer").first().waitFor();
      expect(new URL(page.url()).searchParams.get("outcome")).toBe("no_answer");
      await expect.poll(() => page.locator("[data-call]").count(), WITHIN).toBe(1);
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
      await finish(tab);
    });

    test("says which filter of the address cannot be used, and removes it alone", async () => {
      const tab = await signedIn("admin", undefined, [/status of 400/]);
      await tab.page.goto(`${under.url}/calls?outcome=nonsense&direction=inbound`);
      await tab.page.getByText("“nonsense” is not a value that Outcome can have.").waitFor();
      await tab.page.getByRole("button", { name: "Remove this filter" }).click();
      await expect.poll(() => new URL(tab.page.url()).search, WITHIN).toBe("?direction=inbound");
      await finish(tab);
    });

    test("searches for numbers and for words", async () => {
      const call = under.call({ seed: "sought" });
      await under.send(call.deliveries);
      const tab = await signedIn("admin");
      const rows = tab.page.locator("[data-call]");
      await rows.first().waitFor();
      const all = await rows.count();
      await tab.page.keyboard.press("/");
      await tab.page.keyboard.type(call.customerNumber?.slice(-7) ?? "");
      // Simulated callers share a few numbers.
      const isNarrowed = async () => (await rows.count()) > 0 && (await rows.count()) < all;
      await expect.poll(isNarrowed, WITHIN).toBe(true);
      // No simulated call has such words.
      await tab.page.getByRole("searchbox").fill("xylophone quartz");
      await tab.page.getByText("No call matches").waitFor();
      await finish(tab);
    });

    test("shows that the connection is lost, and continues when the api is back", async () => {
      const tab = await signedIn("admin", undefined, [/ERR_|status of 503|imported module|PartMissing/]);
      await tab.page.getByText("Live", { exact: true }).waitFor();
      await under.restart(() => tab.page.getByText("No connection to the server").waitFor());
      await tab.page.getByText("Connected again.").waitFor();
      await tab.page.context().setOffline(true);
      await tab.page.getByText("No connection to the server").waitFor();
      await tab.page.getByRole("link", { name: "Audit" }).click();
      await tab.page.getByText("This part of the console could not be loaded").waitFor();
      await tab.page.context().setOffline(false);
      await tab.page.getByRole("heading", { name: "Audit" }).waitFor();
      await tab.page.getByRole("link", { name: "Calls", exact: true }).click();
      const call = under.call({ seed: "after the restart" });
      await under.send(call.deliveries.slice(0, 2));
      await tab.page.getByText("Live now").waitFor();
      await finish(tab);
    });
  });

  test("a call of one organization is not shown to another", async () => {
    const orgId = await makeOrganization(under.ledger);
    const other = await under.openTab();
    await under.signIn(other.page, "admin", orgId);
    const mine = await signedIn("admin");
    await under.send(under.call({ seed: "mine alone" }).deliveries);
    await mine.page.locator("[data-call]").first().waitFor();
    await other.page.waitForTimeout(LIVE_MS);
    expect(await other.page.locator("[data-call]").count()).toBe(0);
    await other.page.getByText("No calls yet").waitFor();
    await finish(mine);
    await finish(other);
  });

  test.each([
    ["staff", { cost: false, conversation: true, members: false }],
    ["viewer", { cost: false, conversation: false, members: false }],
    ["admin", { cost: true, conversation: true, members: true }],
  ] as const)("%s sees only the pages of the role", async (role, sees) => {
    const call = under.call({ seed: `roles ${role}` });
    await under.send(call.deliveries);
    const [{ summary }] = await under.ledger.sql<[{ summary: string }]>`
      select summary from call_logs where provider_call_id = ${call.callId}`;
    const tab = await signedIn(role);
    await tab.page.goto(`${under.url}/calls?call=${call.callId}`);
    const sheet = tab.page.getByRole("complementary", { name: "Call" });
    await sheet.getByText(summary).waitFor();
    // Who may not read conversations sees the summary and the facts in one column.
    if (sees.conversation) await sheet.getByRole("tab", { name: "Details" }).click();
    else expect(await sheet.getByRole("tab").count()).toBe(0);
    await sheet.getByRole("heading", { name: "Facts" }).waitFor();
    await expect
      .poll(async () => (await tab.page.getByText("Cost", { exact: true }).count()) > 0)
      .toBe(sees.cost);
    await expect
      .poll(async () => (await tab.page.getByRole("tab", { name: "Conversation" }).count()) > 0)
      .toBe(sees.conversation);
    await expect
      .poll(async () => (await tab.page.getByRole("link", { name: "Members" }).count()) > 0)
      .toBe(sees.members);
    await tab.page.goto(`${under.url}/members`);
    const refusal = tab.page.getByText("You may not see this page");
    const invite = tab.page.getByRole("button", { name: "Add a person" });
    await (sees.members ? invite : refusal).waitFor();
    await finish(tab);
  });

  test("a receptionist can be invited on the page Members, and the link shows no costs", async () => {
    const tab = await signedIn("admin");
    await tab.page.getByRole("link", { name: "Members" }).click();
    await tab.page.getByRole("button", { name: "Add a person" }).click();
    await tab.page.getByLabel("E-mail").fill("reception@clinic.example");
    await tab.page.getByRole("button", { name: "Add and create the link" }).click();
    const link = await tab.page.getByRole("dialog", { name: "Sign-in link" }).locator("code").textContent();
    const other = await under.openTab();
    await other.page.goto(link ?? "");
    await other.page.getByText("Staff", { exact: true }).waitFor();
    await finish(other);
    await finish(tab);
  });

  describe("the recording of a call", () => {
    test("has a waveform before it plays; waveform, keyboard and transcript move its position", async () => {
      const { callId } = await under.recordedCall({ seed: 7 });
      const tab = await signedIn("admin");
      const { page } = tab;
      await page.goto(`${under.url}/calls/${callId}`);
      const player = page.getByRole("region", { name: "Recording" });
      const slider = player.getByRole("slider", { name: "Position" });
      const position = async () => Number(await slider.inputValue());
      // There are two channels, each drawn as not yet played and as played.
      await expect.poll(() => player.locator("canvas").count(), WITHIN).toBe(4);
      const waveform = player.locator("[class*=surface]");
      const { width = 0 } = (await waveform.boundingBox()) ?? {};
      const total = Number(await slider.getAttribute("max"));
      const part = async () => (await position()) / total;

      await waveform.click({ position: { x: width * 0.75, y: 10 } });
      await expect.poll(part, WITHIN).toBeCloseTo(0.75, 1);
      await waveform.dragTo(waveform, {
        sourcePosition: { x: width * 0.75, y: 10 },
        targetPosition: { x: width * 0.25, y: 40 },
      });
      await expect.poll(part, WITHIN).toBeCloseTo(0.25, 1);
      await slider.focus();
      const before = await position();
      await page.keyboard.press("ArrowRight");
      await expect.poll(position, WITHIN).toBe(before + 1);
      await page.locator('li[aria-current="true"]').waitFor();

      await player.getByRole("button", { name: "Play" }).click();
      await expect.poll(position, WITHIN).toBeGreaterThan(before + 1);
      // The waveform is drawn again in other colours while it plays.
      await page.emulateMedia({ colorScheme: "dark" });
      const after = await position();
      await expect.poll(position, WITHIN).toBeGreaterThan(after);
      await player.getByRole("button", { name: "Pause" }).click();
      const paused = await position();
      await page.locator('li:has(button[aria-label^="Play from"]) p').first().click();
      await expect.poll(position, WITHIN).toBeLessThan(paused);
      await finish(tab);
    });
  });
});
