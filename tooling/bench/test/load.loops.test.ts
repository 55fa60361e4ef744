import type { Server } from "node:http";
import { createServer } from "node:http";
import { afterEach, expect, test } from "vitest";
import { runClosedLoop, runOpenLoop } from "../src/load/load.loops.ts";
import type { Sender } from "../src/load/signed.delivery.ts";
import { openSender, signedDelivery } from "../src/load/signed.delivery.ts";

const received: string[] = [];
let server: Server;
let sender: Sender;

/** A server that answers after `ms`. */
async function slowServer(ms: number, connections: number): Promise<Sender> {
  server = createServer(async (req, res) => {
    const body = (await req.toArray()).join("");
    received.push(body);
    await new Promise((resolve) => setTimeout(resolve, ms));
    res.writeHead(body === "refuse" ? 503 : 200, { "content-length": 2 }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  sender = openSender(typeof address === "object" ? (address?.port ?? 0) : 0, connections);
  return sender;
}

afterEach(async () => {
  await sender.close();
  server.close();
  received.length = 0;
});

const delivery = (body: string) => signedDelivery("/", Buffer.from(body), "secret", Date.now());

test("the latencies of an open loop include the time that requests waited for a slow server", async () => {
  const latencies: number[] = [];
  const record = {
    answered: (_status: number, due: number, answered: number) => latencies.push(answered - due),
  };
  await runOpenLoop([await slowServer(40, 1)], () => delivery("x"), record, {
    loop: "open",
    connections: 1,
    ratePerSecond: 100,
    seconds: 0.2,
  });
  expect(latencies).toHaveLength(20);
  // The last delivery is due after 190 ms and answered after 20 times 40 ms.
  expect(latencies.at(-1)).toBeGreaterThan(500);
  expect(latencies[0]).toBeLessThan(latencies.at(-1) ?? 0);
});

test("an open loop sends at its rate, evenly", async () => {
  const due: number[] = [];
  const record = { answered: (_status: number, dueAt: number) => due.push(dueAt) };
  const begunAt = performance.now();
  await runOpenLoop([await slowServer(0, 8)], () => delivery("x"), record, {
    loop: "open",
    connections: 8,
    ratePerSecond: 200,
    seconds: 0.25,
  });
  expect(performance.now() - begunAt).toBeGreaterThan(240);
  expect(due).toHaveLength(50);
  const inOrder = due.toSorted((a, b) => a - b);
  for (const [index, at] of inOrder.entries()) expect(at - (inOrder[0] ?? 0)).toBeCloseTo(index * 5, 6);
});

test("a closed loop goes on until `isOver` is true", async () => {
  const statuses: number[] = [];
  const record = { answered: (status: number) => statuses.push(status) };
  const isOver = () => statuses.length >= 4;
  await runClosedLoop([await slowServer(1, 1)], () => delivery("x"), record, { connections: 1, isOver });
  expect(statuses).toEqual([200, 200, 200, 200]);
});

test("a closed loop has one request a connection under way, and ends with the traffic", async () => {
  const bodies = ["größer", "refuse", ..."abcdefgh"];
  const statuses: number[] = [];
  const left = [...bodies];
  const next = () => {
    const body = left.shift();
    return body === undefined ? undefined : delivery(body);
  };
  const record = { answered: (status: number) => statuses.push(status) };
  const server = await slowServer(1, 3);
  let underWay = 0;
  let maxUnderWay = 0;
  const counting: Sender = {
    ...server,
    async send(one) {
      underWay += 1;
      maxUnderWay = Math.max(maxUnderWay, underWay);
      return server.send(one).finally(() => {
        underWay -= 1;
      });
    },
  };
  await runClosedLoop([counting], next, record, { connections: 3, isOver: () => false });
  expect(received.toSorted()).toEqual(bodies.toSorted());
  expect(statuses).toHaveLength(10);
  expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(0);
  expect(maxUnderWay).toBe(3);
});
