import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createAlert } from "./alert.ts";
import type { LogFields } from "./log.ts";

let lines: [LogFields, string][];
const ignore = () => undefined;
const log = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: (fields: LogFields, message: string) => void lines.push([fields, message]),
};

beforeEach(() => {
  lines = [];
  vi.useFakeTimers();
});

afterEach(() => vi.useRealTimers());

const notBooked = "CRITICAL: Failed to mark event as processed";

test("the first alert of a kind is logged immediately, the others of the same second together, and none is lost", () => {
  const alert = createAlert(log);
  for (let count = 1; count <= 40; count += 1) alert("notBooked", { code: `E${count}` });
  expect(lines).toEqual([[{ code: "E1", times: 1 }, notBooked]]);
  vi.advanceTimersByTime(1_000);
  expect(lines.slice(1)).toEqual([[{ code: "E40", times: 39 }, notBooked]]);
});

test("an outage is logged once a second, and its end logs nothing", () => {
  const alert = createAlert(log);
  for (let tenth = 0; tenth < 50; tenth += 1) {
    alert("notBooked", {});
    vi.advanceTimersByTime(100);
  }
  expect(lines.length).toBeLessThanOrEqual(6);
  vi.advanceTimersByTime(60_000);
  const told = lines.reduce((sum, [{ times }]) => sum + Number(times), 0);
  expect(told).toBe(50);
  const before = lines.length;
  alert("notBooked", {});
  expect(lines.slice(before)).toEqual([[{ times: 1 }, notBooked]]);
});

test("each kind is limited on its own", () => {
  const alert = createAlert(log);
  alert("notBooked", {});
  alert("notClaimed", {});
  alert("unexpected", {});
  expect(lines.map(([, message]) => message)).toEqual([
    notBooked,
    "CRITICAL: Error checking idempotency",
    "CRITICAL: unexpected error",
  ]);
});
