import { NO_FACTS } from "@call-ledger/domain";
import type { CallPage, CallWindow, FetchedCall } from "@call-ledger/providers";
import { describe, expect, test } from "vitest";
import { callPages } from "./call-pages.ts";

const PAGE = 10;

const call = (at: number): FetchedCall => ({
  createdAt: at,
  changedAt: at,
  hasEnded: true,
  read: {
    reads: "call",
    type: "reconciled-call",
    providerCallId: `call-${at}`,
    facts: NO_FACTS,
    events: [],
    payload: "{}",
    prompts: [],
    question: null,
  },
});

/** A provider's list whose pages leave out some calls: the oldest, the newest or any. */
function listOf(times: readonly number[], order: "newest" | "oldest" | "any") {
  const asked: CallWindow[] = [];
  const rank = (at: number) => (order === "any" ? (at * 7_919) % 104_729 : order === "oldest" ? at : -at);
  const list = async (part: CallWindow): Promise<CallPage> => {
    asked.push(part);
    const within = times.filter((at) => at >= part.from && at < part.to);
    const shown = within.toSorted((a, b) => rank(a) - rank(b)).slice(0, PAGE);
    return { calls: shown.map(call), unreadable: 0 };
  };
  return { asked, list };
}

async function all(
  times: readonly number[],
  { order = "newest", to = 1_000_000 }: { order?: "newest" | "oldest" | "any"; to?: number } = {},
) {
  const { asked, list } = listOf(times, order);
  const found: number[] = [];
  const untils: number[] = [];
  let crowded = 0;
  for await (const page of callPages({ by: "changed", from: 0, to }, PAGE, list)) {
    found.push(...page.calls.map(({ changedAt }) => changedAt));
    untils.push(page.until);
    crowded += Number(page.isCrowded);
  }
  return { found, untils, requests: asked.length, crowded };
}

/** Bursts, silence, and calls at the same time. */
const TIMES = Array.from({ length: 700 }, (_, n) => {
  const burst = Math.floor(n / 100);
  return n % 7 === 0 ? burst * 140_000 : burst * 140_000 + ((n * n * 31) % (burst % 2 === 0 ? 900 : 90_000));
});

describe.each(["newest", "oldest", "any"] as const)("a list with the %s calls first", (order) => {
  test("returns every call of the window once, the oldest part first", async () => {
    const { found, untils } = await all(
      TIMES.filter((_, n) => n % 7 !== 0),
      { order },
    );
    const expected = TIMES.filter((_, n) => n % 7 !== 0).toSorted((a, b) => a - b);
    expect(found.toSorted((a, b) => a - b)).toEqual(expected);
    expect(untils).toEqual(untils.toSorted((a, b) => a - b));
    expect(untils.at(-1)).toBe(1_000_000);
  });
});

test("the number of requests is about the number of full pages", async () => {
  const even = Array.from({ length: 1_000 }, (_, n) => n * 1_000);
  const { requests } = await all(even);
  expect(requests).toBeLessThan(200);
});

test("a quiet window takes one request, and an empty one none", async () => {
  expect(await all([5, 6])).toMatchObject({ found: [5, 6].toReversed(), requests: 1 });
  expect((await all([], { to: 0 })).requests).toBe(0);
});

test("more calls of one millisecond than a page shows are reported and stop nothing", async () => {
  const { found, crowded } = await all([...Array(25).fill(500), 900]);
  expect([found.length, crowded, found.at(-1)]).toEqual([PAGE + 1, 1, 900]);
});

test("an answer that is too large is requested in parts", async () => {
  const { list } = listOf([10, 600_000], "newest");
  const parts: CallWindow[] = [];
  const refusing = async (part: CallWindow) => {
    parts.push(part);
    return part.to - part.from > 600_000 ? null : list(part);
  };
  const found: number[] = [];
  for await (const { calls } of callPages({ by: "changed", from: 0, to: 1_000_000 }, PAGE, refusing)) {
    found.push(...calls.map(({ changedAt }) => changedAt));
  }
  expect(found).toEqual([10, 600_000]);
});
