import { expect, test } from "vitest";
import { countLine, emptyTally } from "./log-tally.ts";

function tallyOf(...lines: string[]) {
  const tally = emptyTally();
  for (const line of lines) countLine(tally, line);
  return tally;
}
const request = (status: number) =>
  JSON.stringify({ level: "info", time: "2026-03-12T15:05:00.000Z", id: "r-1", status, msg: "request" });

test("requests are counted by their status", () => {
  expect(tallyOf(request(200), request(401), request(503), request(500))).toEqual({
    lines: 4,
    requests: 4,
    errors: 2,
    firstError: { time: "2026-03-12T15:05:00.000Z", requestId: "r-1" },
    alarms: 0,
    firstAlarm: null,
  });
});

test.each([
  ["Error checking idempotency", '{"time":"t","id":"i","msg":"CRITICAL: Error checking idempotency"}'],
  ["Failed to mark event as processed", '{"time":"t","id":"i","msg":"Failed to mark event as processed"}'],
  ["CRITICAL", '{"time":"t","id":"i","msg":"CRITICAL: unexpected error"}'],
  ["CRITICAL", "2026-03-12 srv-1 CRITICAL: out of memory"],
  ["constraint failed", "ERROR: constraint failed"],
])("%s is an alarm", (alarm, line) => {
  const { alarms, firstAlarm } = tallyOf("{}", line, line);
  expect([alarms, firstAlarm?.alarm]).toEqual([2, alarm]);
});

test("the words in another field, or in an incomplete line, are no alarm", () => {
  expect(
    tallyOf('{"msg":"request","type":"CRITICAL","status":200}', '{"status":500', "null", "[]", ""),
  ).toMatchObject({
    lines: 5,
    requests: 1,
    errors: 0,
    alarms: 0,
  });
});
