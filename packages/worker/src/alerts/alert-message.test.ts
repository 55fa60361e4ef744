import type { AlarmNews } from "@call-ledger/db/alerts";
import { ALARM_CONDITIONS, NEWS_KINDS } from "@call-ledger/domain";
import { expect, test } from "vitest";
import { alertMessage } from "./alert-message.ts";

const OPENED = Date.UTC(2026, 2, 12, 2, 5);
const FIGURES = ["seconds", "calls", "days", "deliveries", "refused", "accepted", "waiting", "recordings"];
const PHONE = /\d{7}/;

const news = (of: Partial<AlarmNews> = {}): AlarmNews => ({
  kind: "opened",
  alarmId: "a1b2",
  condition: "calls_overdue",
  scope: "organization:acme",
  figures: Object.fromEntries(FIGURES.map((name) => [name, 180_000])),
  at: OPENED + 3_600_000,
  openedAt: OPENED,
  ...of,
});

test.each(ALARM_CONDITIONS.flatMap((condition) => NEWS_KINDS.map((kind) => [condition, kind] as const)))(
  "%s, %s: it names the subject, the time, and what to do",
  (condition, kind) => {
    const { subject, text } = alertMessage([news({ condition, kind })]);
    const word = { opened: "ALARM", repeated: "STILL", closed: "OVER" }[kind];
    expect(subject).toBe(`${word}: ${condition}`);
    const [head, ...lines] = text.split("\n");
    expect(head).toBe(`${word}: ${condition} (organization:acme)`);
    expect(text).toContain("Since 2026-03-12 02:05 UTC");
    if (kind === "closed") {
      expect(lines).toEqual([
        expect.stringMatching(/^Since 2026-03-12 02:05 UTC, over at 2026-03-12 03:05 UTC\./),
      ]);
    } else {
      expect(lines[0]).toMatch(/^[A-Z\d].+\.$/);
      expect(text).toContain(`docs/runbooks/${condition.replaceAll("_", "-")}.md`);
      expect(lines.at(-1)).toBe("To stop its repetition: pnpm --silent ops alerts ack a1b2");
    }
    expect(text).not.toMatch(PHONE);
  },
);

test("the end of overdue calls does not say that they have their reports", () => {
  const { text } = alertMessage([news({ condition: "calls_overdue", kind: "closed" })]);
  expect(text).toContain("03:05 UTC. Calls that began more than a day ago are not counted");
});

test("a message about many alarms names twenty, and says where the others are", () => {
  const { subject, text } = alertMessage(Array.from({ length: 25 }, () => news()));
  expect(subject).toBe("ALARM: calls_overdue and 24 more");
  expect(text.match(/ALARM/g)).toHaveLength(20);
  expect(text).toContain("5 more: pnpm --silent ops alerts list");
});
