import { expect, test } from "vitest";
import type { HttpConnection } from "./http.connection.ts";
import { runClosedLoop, runOpenLoop } from "./load.loops.ts";

/** A server that answers after `ms`, one request at a time and connection. */
const slow = (ms: number): HttpConnection => ({
  send: () => new Promise((resolve) => setTimeout(() => resolve(200), ms)),
  close: () => undefined,
});

const endless = () => Buffer.alloc(1);

test("an open loop charges a server that is too slow for the time that requests waited to be sent", async () => {
  const latencies: number[] = [];
  const record = {
    answered: (_status: number, due: number, answered: number) => latencies.push(answered - due),
  };
  await runOpenLoop([slow(40)], endless, record, {
    loop: "open",
    connections: 1,
    ratePerSecond: 100,
    seconds: 0.2,
  });
  expect(latencies).toHaveLength(20);
  // The last is due after 190 ms and answered after 20 times 40 ms.
  expect(latencies.at(-1)).toBeGreaterThan(500);
  expect(latencies[0]).toBeLessThan(latencies.at(-1) ?? 0);
});

test("a closed loop has one request a connection under way, and ends with the traffic", async () => {
  let underWay = 0;
  let most = 0;
  const counting: HttpConnection = {
    async send() {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 1));
      underWay -= 1;
      return 200;
    },
    close: () => undefined,
  };
  let left = 10;
  let answered = 0;
  const next = () => (left-- > 0 ? Buffer.alloc(1) : undefined);
  await runClosedLoop([counting, counting, counting], next, { answered: () => answered++ }, Infinity);
  expect(answered).toBe(10);
  expect(most).toBe(3);
});
