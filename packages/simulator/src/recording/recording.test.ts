import { expect, test } from "vitest";
import { simulateCall } from "../index.ts";
import { speechWav } from "./speech-wav.ts";
import { spokenIn, spokenPath } from "./spoken.ts";

const SPOKEN = [
  { speaker: "agent", from: 0.4, to: 2 },
  { speaker: "caller", from: 2.5, to: 3.25 },
] as const;

test("who speaks when can be written into a URL and read from it", () => {
  expect(spokenPath(SPOKEN)).toBe("a400-2000,c2500-3250");
  expect(spokenIn("a400-2000,c2500-3250,x1-2,a-")).toEqual(SPOKEN);
});

test("each side is audible in its own channel, and only while it speaks", () => {
  const wav = speechWav(SPOKEN, "stereo");
  const view = new DataView(wav.buffer);
  expect(new TextDecoder().decode(wav.subarray(0, 4))).toBe("RIFF");
  expect([view.getUint16(22, true), view.getUint32(24, true), view.getUint32(40, true)]).toEqual([
    2,
    8_000,
    Math.ceil(4.25 * 8_000) * 4,
  ]);
  const loudest = (from: number, to: number): number[] =>
    [0, 1].map((side) => {
      let max = 0;
      for (let at = from * 8_000; at < to * 8_000; at++) {
        max = Math.max(max, Math.abs(view.getInt16(44 + (at * 2 + side) * 2, true)));
      }
      return max;
    });
  const [left, right] = loudest(0.5, 1.9);
  expect(left).toBe(0);
  expect(right).toBeGreaterThan(5_000);
  const [caller, agent] = loudest(2.6, 3.2);
  expect(caller).toBeGreaterThan(5_000);
  expect(agent).toBe(0);
  expect(loudest(3.5, 4.2)).toEqual([0, 0]);
});

test("mono has both sides in one channel", () => {
  expect(speechWav(SPOKEN, "mono").length).toBe(44 + Math.ceil(4.25 * 8_000) * 2);
});

test("a simulated call has the times at which each side speaks", () => {
  const options = {
    seed: 3,
    assistantId: "a",
    startedAt: 1_000_000,
    outcome: "completed",
    turns: 4,
  } as const;
  const { spoken, answeredAt, endedAt } = simulateCall(options);
  expect(spoken.length).toBeGreaterThanOrEqual(4);
  for (const [index, { from, to }] of spoken.entries()) {
    expect(to).toBeGreaterThan(from);
    expect(from).toBeGreaterThanOrEqual(spoken[index - 1]?.to ?? 0);
  }
  expect(spoken.at(-1)?.to).toBeLessThan((endedAt - (answeredAt ?? 0)) / 1_000);
});
