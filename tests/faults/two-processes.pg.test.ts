import { randomInt } from "node:crypto";
import { startProcess } from "@call-ledger/api/testing/api-process";
import { ASSISTANT, deliver } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { contentOf } from "@call-ledger/api/testing/ledger-content";
import type { SimulatedDelivery } from "@call-ledger/simulator";
import { arrange, randomFrom, simulateCall } from "@call-ledger/simulator";
import type { Server } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";

const CALLS = 12;
const SENDERS = 12;

const seed = randomInt(1_000_000_000);

let inOrder: TestLedger;
let atOnce: TestLedger;
const processes: Server[] = [];

beforeAll(async () => {
  [inOrder, atOnce] = await Promise.all([testLedger(), testLedger()]);
  await Promise.all([inOrder.addAgent(), atOnce.addAgent()]);
  for (const ledger of [inOrder, atOnce, atOnce]) processes.push(await startProcess(ledger.database.appUrl));
});

afterAll(async () => {
  for (const api of processes) api.signal("SIGKILL");
  await Promise.all(processes.map((api) => api.ended));
  await Promise.all([inOrder.drop(), atOnce.drop()]);
});

async function send(api: Server | undefined, { type, body }: SimulatedDelivery): Promise<void> {
  const received = await deliver(api?.url ?? "", Buffer.from(body));
  expect(received.status, type).toBe(200);
}

test("calls sent twice, in any order, to two processes give the rows of calls sent in order", async () => {
  process.stdout.write(`two processes: seed ${seed}\n`);
  const [single, ...pair] = processes;
  const calls = Array.from({ length: CALLS }, (_, call) =>
    simulateCall({
      seed: `${seed}-${call}`,
      assistantId: ASSISTANT,
      startedAt: Date.UTC(2026, 2, 12, 15) + call * 60_000,
      flat: call % 4 === 3,
      turns: 6,
    }),
  );
  const twice = calls.flatMap(({ deliveries }) => arrange(deliveries, { seed, shuffle: false, repeat: 2 }));
  for (const delivery of twice) await send(single, delivery);

  const queue = randomFrom("senders", seed).shuffled(twice);
  let sent = 0;
  const senders = Array.from({ length: SENDERS }, async (_, sender) => {
    for (let next = queue[sent++]; next !== undefined; next = queue[sent++]) {
      await send(pair[sender % pair.length], next);
    }
  });
  await Promise.all(senders);

  const content = await contentOf(atOnce);
  expect(content.calls).toHaveLength(CALLS);
  expect(content).toEqual(await contentOf(inOrder));
}, 120_000);
