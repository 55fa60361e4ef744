import { describeWith } from "@call-ledger/testkit/vitest";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Role } from "./console-under-test.ts";
import { useConsole } from "./use-console.ts";

/* The work of a day with the keyboard alone: no step uses a mouse, or moves the focus by a script. */

const WITHIN = { timeout: 15_000 };
const MAX_TABS = 80;
const MAX_WAITS = 20;

type Focus = { readonly name: string; readonly row: string; readonly fault: string | null };

/** The name of the element with the focus, and what keeps a person from seeing that it has it. */
const FOCUS = `{
  const one = document.activeElement;
  const labels = [...(one.labels ?? [])].map((label) => label.textContent).join(" ");
  const name = (one.getAttribute("aria-label") ?? (labels || one.textContent)).trim();
  const { width, height, left, top, bottom } = one.getBoundingClientRect();
  // The outline can be that of a row or of a chip around it, or of the waveform beside it.
  const outlined = [one, one.parentElement, one.closest('[role="row"]'), ...(one.parentElement?.children ?? [])]
    .some((each) => each !== null && getComputedStyle(each).outlineStyle !== "none");
  const takesNoKeys = one.matches('h1, h2, [role="dialog"], [role="menu"]');
  const drawn = document.elementFromPoint(left + Math.min(width / 2, 12), top + height / 2);
  const seen = drawn !== null && (one.parentElement.contains(drawn) || drawn.contains(one));
  const fault =
    one === document.body ? "nothing has the focus"
    : width === 0 || height === 0 ? "it has no size"
    : bottom < 0 || top > innerHeight ? "it is outside of the screen"
    : !seen ? "something is drawn over it"
    : !outlined && !takesNoKeys ? "it has no outline"
    : null;
  ({ name, fault, row: one.closest("tr")?.textContent ?? "" });
}`;

describeWith("chromium", "the console by keyboard alone", (chromium) => {
  const under = useConsole(chromium);
  let faults: string[];

  /** Runs steps in a tab of a role. Nothing may be an error of the browser, and no focus lost or unseen. */
  async function as(role: Role, steps: (page: Page) => Promise<void>): Promise<void> {
    const { page, errors, close } = await under.openTab();
    faults = [];
    await under.signIn(page, role);
    await steps(page);
    await close();
    expect(errors).toEqual([]);
    expect(faults).toEqual([]);
  }

  /** Notes what is wrong with the focus, once what opens, closes or is loaded has had its time. */
  async function look(page: Page, when: string): Promise<void> {
    let focus = await page.evaluate<Focus>(FOCUS);
    for (let waits = 0; waits < MAX_WAITS && (waits < 2 || focus.fault !== null); waits += 1) {
      await page.waitForTimeout(100);
      focus = await page.evaluate<Focus>(FOCUS);
    }
    if (focus.fault !== null) faults.push(`${when}: ${focus.fault} (${focus.name.slice(0, 60)})`);
  }

  async function press(page: Page, key: string): Promise<void> {
    const { name } = await page.evaluate<Focus>(FOCUS);
    await page.keyboard.press(key);
    await look(page, `after ${key} on ${name.slice(0, 40)}`);
  }

  /** Presses Tab until the element of this name, in a row with this text, has the focus. */
  async function tabTo(page: Page, name: string | RegExp, { key = "Tab", row = "" } = {}): Promise<void> {
    const passed: string[] = [];
    for (let tabs = 0; tabs < MAX_TABS; tabs += 1) {
      await page.keyboard.press(key);
      const focus = await page.evaluate<Focus>(FOCUS);
      // After the last element the browser's own buttons have the focus.
      if (focus.fault !== null && focus.fault !== "nothing has the focus")
        await look(page, `at ${focus.name}`);
      const isNamed = typeof name === "string" ? focus.name === name : name.test(focus.name);
      if (isNamed && focus.row.includes(row)) return;
      passed.push(focus.name.slice(0, 30));
    }
    throw new Error(`Tab does not come to ${name}, only to: ${passed.join(" | ")}`);
  }

  async function expectFocus(page: Page, name: string | RegExp): Promise<void> {
    const named = () => page.evaluate<Focus>(FOCUS).then((focus) => focus.name);
    await expect.poll(named, WITHIN).toMatch(typeof name === "string" ? new RegExp(`^${name}$`) : name);
  }

  test("calls are filtered, opened, played and shared, and the share is ended", async () => {
    await under.recordedCall({ seed: 7, startedAt: Date.now() - 60_000 });
    await under.send(under.call({ seed: "other", outcome: "no_answer", direction: "outbound" }).deliveries);
    await as("admin", async (page) => {
      const rows = page.locator("[data-call]");
      await expect.poll(() => rows.count(), WITHIN).toBe(2);
      await tabTo(page, "Outcome");
      await press(page, "Enter");
      await expectFocus(page, "Completed");
      await press(page, "Enter");
      await press(page, "Escape");
      await expectFocus(page, /^Outcome/);
      await expect.poll(() => rows.count(), WITHIN).toBe(1);
      await page.keyboard.press("j");
      await press(page, "Enter");
      await page.locator("aside h2:focus").waitFor();
      // The player's code is loaded when a call with a recording is shown.
      await page.getByRole("button", { name: "Play", exact: true }).waitFor();
      await tabTo(page, "Play");
      await press(page, "Enter");
      await expectFocus(page, "Pause");
      await press(page, "p");
      await expectFocus(page, "Play");
      await tabTo(page, "Conversation");
      await press(page, "ArrowRight");
      await expectFocus(page, "Details");
      await tabTo(page, "Add tags or a note");
      await tabTo(page, /^\d[\d.]* (ms|s)$/);
      await press(page, "Enter");
      await page.locator("li:focus").waitFor();
      await tabTo(page, "Share", { key: "Shift+Tab" });
      await press(page, "Enter");
      await expectFocus(page, "The link expires after");
      await tabTo(page, "Create a link");
      await press(page, "Enter");
      await expectFocus(page, "Copy");
      await tabTo(page, "I have copied it");
      await press(page, "Enter");
      await expectFocus(page, "Share");
      await press(page, "Enter");
      await expectFocus(page, "The link expires after");
      await tabTo(page, "Revoke");
      await press(page, "Enter");
      await look(page, "in the question before a link is revoked");
      await press(page, "Escape");
      await expectFocus(page, "Revoke");
      await press(page, "Enter");
      await tabTo(page, "Revoke the link");
      await press(page, "Enter");
      await page.getByRole("button", { name: "Revoke" }).waitFor({ state: "detached" });
      await look(page, "after the link is revoked");
      await press(page, "Escape");
      await expectFocus(page, "Share");
      await press(page, "Escape");
      await page.locator("aside").waitFor({ state: "detached" });
      await look(page, "after the sheet is closed");
    });
  });

  test("a receptionist is invited, and gets another link, role and end", async () => {
    await as("admin", async (page) => {
      await tabTo(page, "Members");
      await press(page, "Enter");
      await expectFocus(page, "Members");
      await tabTo(page, "Add a person");
      await press(page, "Enter");
      await expectFocus(page, "E-mail");
      await page.keyboard.type("reception@clinic.example");
      await press(page, "Enter");
      await expectFocus(page, "Copy");
      await tabTo(page, "I have copied it");
      await press(page, "Enter");
      await expectFocus(page, "Add a person");
      await tabTo(page, "New sign-in link", { row: "reception" });
      await press(page, "Enter");
      await expectFocus(page, "Copy");
      await tabTo(page, "I have copied it");
      await press(page, "Enter");
      await expectFocus(page, "New sign-in link");
      await tabTo(page, "Remove", { row: "reception" });
      await press(page, "Enter");
      await tabTo(page, "Remove the person");
      await press(page, "Enter");
      await page.getByText("reception@clinic.example was removed.").waitFor();
      await page.getByRole("row").filter({ hasText: "reception" }).waitFor({ state: "detached" });
      await look(page, "after the member is removed");
    });
  });

  test("an account is connected, and a delivery in quarantine is booked", async () => {
    const [delivery] = under.call({ seed: "none" }).deliveries;
    if (delivery === undefined) throw new Error("the call has no deliveries");
    await under.send([{ ...delivery, body: '{"message":{"type":"hang"}}' }]);
    await as(null, async (page) => {
      await tabTo(page, "Provider accounts");
      await press(page, "Enter");
      await tabTo(page, "Connect an account");
      await press(page, "Enter");
      await look(page, "in the dialog of a new account");
      await tabTo(page, "Name");
      await page.keyboard.type("Clinic");
      await tabTo(page, "Continue");
      await press(page, "Enter");
      await page.getByText("Waiting for the first delivery").waitFor();
      await expectFocus(page, "Connect Clinic");
      await look(page, "in the steps of a new account");
      await tabTo(page, "I have copied it");
      await press(page, "Enter");
      await page.getByText("The secret was shown when it was made").waitFor();
      await tabTo(page, "Quarantine", { key: "Shift+Tab" });
      await press(page, "Enter");
      await expectFocus(page, "Quarantine");
      await tabTo(page, "1");
      await press(page, "Enter");
      await page.getByRole("dialog").waitFor();
      await look(page, "in the list of a group");
      await press(page, "Escape");
      await expectFocus(page, "1");
      await tabTo(page, "Read and book again");
      await press(page, "Enter");
      await page.getByText("1 still waits.").first().waitFor();
      await expectFocus(page, "Read and book again");
      await under.ledger.sql`delete from quarantined_deliveries`;
      await page.getByText("No delivery waits").waitFor();
      await look(page, "after nothing waits any more");
    });
  });

  test("an alarm is muted, unmuted and acknowledged, and the settings are saved", async () => {
    const { sql, orgId } = under.ledger;
    await sql`insert into alarms (org_id, condition, scope, figures, opened_at, last_seen_at)
      values (${orgId}, 'calls_overdue', ${`organization:${orgId}`}, '{"calls": 7, "seconds": 300}', now(), now())`;
    await as("admin", async (page) => {
      await page.keyboard.press("g");
      await page.keyboard.press("a");
      await expectFocus(page, "Alarms");
      await tabTo(page, "What to do");
      await press(page, "Enter");
      await page.getByRole("dialog").waitFor();
      await look(page, "in the runbook");
      await press(page, "Escape");
      await expectFocus(page, "What to do");
      await tabTo(page, "Mute");
      await press(page, "Enter");
      await expectFocus(page, "1 hour");
      await press(page, "Enter");
      await page.getByRole("button", { name: "Unmute" }).waitFor();
      await look(page, "after the alarm is muted");
      await tabTo(page, "Unmute");
      await press(page, "Enter");
      await page.getByRole("button", { name: "Mute" }).waitFor();
      await look(page, "after the alarm is unmuted");
      await tabTo(page, "Acknowledge");
      await press(page, "Enter");
      await page.getByText("Acknowledged by").waitFor();
      await look(page, "after the alarm is acknowledged");
      await tabTo(page, "Settings", { key: "Shift+Tab" });
      await press(page, "Enter");
      await expectFocus(page, "Settings");
      await tabTo(page, "Name");
      await page.keyboard.type("Northgate Clinic");
      await tabTo(page, "Save");
      await press(page, "Enter");
      await page.getByText("Saved.").waitFor();
      await expectFocus(page, "Save");
    });
  });
});
