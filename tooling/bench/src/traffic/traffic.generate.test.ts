import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { readTraffic, writeTraffic } from "./traffic.file.ts";
import { generateTraffic } from "./traffic.generate.ts";

type Sent = {
  message: {
    type: string;
    call: { id: string };
    artifact?: object;
    toolCallList?: { id: string }[];
  };
};

const bodies = [...generateTraffic("test", 8_000)];
const sent = bodies.map((body): Sent => JSON.parse(body));

/** The part of a delivery that stays the same when it is sent again. */
const meaning = ({ message }: Sent, body: string | undefined) => {
  const { id } = message.call;
  if (message.type === "end-of-call-report") return `${id} report`;
  const [tool] = message.toolCallList ?? [];
  return tool === undefined ? body : `${id} ${tool.id}`;
};
const meanings = sent.map((one, index) => meaning(one, bodies[index]));

test("a call has three to eight deliveries, and a report of 5 to 60 KB at its end", () => {
  const calls = Map.groupBy(sent.entries(), ([, { message }]) => message.call.id);
  const whole = [...calls.values()].filter((one) =>
    one.some(([, { message }]) => message.type === "end-of-call-report"),
  );
  expect(whole.length).toBeGreaterThan(500);
  for (const call of whole) {
    const distinct = new Set(call.map(([index]) => meanings[index]));
    expect(distinct.size).toBeGreaterThanOrEqual(3);
    expect(distinct.size).toBeLessThanOrEqual(8);
  }
});

test("reports are of a realistic size and no easier to compress than 5:1", () => {
  const reports = bodies.filter((_, index) => sent[index]?.message.type === "end-of-call-report");
  for (const report of reports.slice(0, 300)) {
    expect(report.length).toBeGreaterThanOrEqual(5_000);
    expect(report.length).toBeLessThanOrEqual(61_000);
    expect(report.length / zstdCompressSync(report).length).toBeLessThan(5);
  }
});

test("one delivery in twenty comes again", () => {
  const again = 1 - new Set(meanings).size / meanings.length;
  expect(again).toBeGreaterThan(0.035);
  expect(again).toBeLessThan(0.065);
});

test("successive deliveries are of different calls, and equal seeds make equal traffic", () => {
  const same = sent.filter((one, index) => one.message.call.id === sent[index - 1]?.message.call.id).length;
  expect(same / sent.length).toBeLessThan(0.1);
  expect([...generateTraffic("test", 50)]).toEqual(bodies.slice(0, 50));
  expect([...generateTraffic("other", 50)]).not.toEqual(bodies.slice(0, 50));
});

test("any part of the traffic can be read from its file", () => {
  const folder = mkdtempSync(join(tmpdir(), "traffic-test-"));
  const written = ["{}", "größer", ...bodies.slice(0, 3)];
  const { file, count, rangeOf } = writeTraffic(join(folder, "traffic"), written);
  expect(count).toBe(5);
  expect(readTraffic(file, rangeOf(0, 5)).map(String)).toEqual(written);
  expect(readTraffic(file, rangeOf(1, 2)).map(String)).toEqual(written.slice(1, 3));
  expect(readTraffic(file, rangeOf(4, 10)).map(String)).toEqual(written.slice(4));
  expect(readTraffic(file, rangeOf(5, 1))).toEqual([]);
  rmSync(folder, { recursive: true });
});
