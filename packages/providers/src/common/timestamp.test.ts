import { afterEach, describe, expect, it, vi } from "vitest";
import { instantOf, isRecent } from "./timestamp.ts";

const NOW = Date.UTC(2026, 2, 12, 15, 4, 20);
const MINUTES = 60_000;

describe("isRecent", () => {
  it.each([
    ["now, in seconds", String(NOW / 1000), true],
    ["now, in milliseconds", String(NOW), true],
    ["5 minutes ago", String(NOW - 5 * MINUTES), true],
    ["in 5 minutes", String((NOW + 5 * MINUTES) / 1000), true],
    ["a millisecond too old", String(NOW - 5 * MINUTES - 1), false],
    ["a second too early", String((NOW + 5 * MINUTES) / 1000 + 1), false],
    ["in microseconds", String(NOW * 1000), false],
    ["a decimal", `${NOW / 1000}.0`, false],
    ["nothing", "", false],
    ["with a sign", `+${NOW}`, false],
    ["with a space", ` ${NOW}`, false],
  ])("judges %s", (_, timestamp, verdict) => expect(isRecent(timestamp, NOW)).toBe(verdict));
});

describe("instantOf", () => {
  it.each([
    [NOW, NOW],
    [NOW / 1000, NOW],
    [String(NOW), NOW],
    [String(NOW / 1000), NOW],
    ["2026-03-12T15:04:20.000Z", NOW],
    ["2026-03-12T16:04:20+01:00", NOW],
    ["2026-03-12T15:04:20", NOW],
    ["2026-03-12 15:04:20+00:00", NOW],
    ["2026-03-12t15:04:20z", NOW],
    ["2026-03-12 15:04:20+00", NOW],
    ["2026-03-12T10:04:20-0500", NOW],
    ["2026-03-12 15:04:20 +00:00", NOW],
    ["2026-03-12 15:04:20 UTC", NOW],
    ["2026-03-12T15:04:20,000Z", NOW],
    [" 2026-03-12T15:04:20Z\n", NOW],
    ["2026-03-12 15:04:20 +0000 UTC", NOW],
    ["2026-03-12 16:04:20.000 +0100 CET", NOW],
    ["2026-03-12T16:04:20+01:00[Europe/Berlin]", NOW],
    [`${NOW / 1000}.0`, NOW],
    ["Thu, 12 Mar 2026 15:04:20 GMT", NOW],
    ["12 Mar 2026 17:04:20 +0200", NOW],
    ["Thu, 12 Foo 2026 15:04:20 GMT", null],
    ["Thu, 31 Feb 2026 15:04:20 GMT", null],
    [`2026-03-12T15:04:20.${"0".repeat(100)}Z`, null],
    ["2026-02-30T15:04:20Z", null],
    ["2026-13-01T15:04:20Z", null],
    ["2026-03-12T25:04:20Z", null],
    ["March 12, 2026", null],
    ["2026", null],
    [NOW * 1000, null],
    [-1, null],
    [Number.NaN, null],
    [null, null],
    [{}, null],
  ])("reads %j", (value, instant) => expect(instantOf(value)).toBe(instant));

  afterEach(() => vi.unstubAllEnvs());

  it("reads a time without a zone as the same instant on every machine", () => {
    vi.stubEnv("TZ", "America/New_York");
    expect(new Date(NOW).getTimezoneOffset()).not.toBe(0);
    expect(instantOf("2026-03-12T15:04:20")).toBe(NOW);
  });
});
