import { setTimeout as sleep } from "node:timers/promises";
import type { LoadPace } from "./load.job.ts";
import type { Sender, SignedDelivery } from "./signed.delivery.ts";

/** Receives the answers. Times are milliseconds of performance.now(). */
type LoadRecord = {
  answered(status: number, dueAt: number, answeredAt: number): void;
};

/** Returns the next delivery; `undefined` after the end of the traffic. */
type NextDelivery = () => SignedDelivery | undefined;

/** Keeps `connections` deliveries under way until `isOver`. Resolves after the last answer. */
export async function runClosedLoop(
  senders: readonly Sender[],
  next: NextDelivery,
  record: LoadRecord,
  { connections, isOver }: { readonly connections: number; isOver(): boolean },
): Promise<void> {
  const connection = async (_: unknown, index: number) => {
    const sender = senders[index % senders.length];
    if (sender === undefined) throw new Error("there is no server to send to");
    for (let due = next(); due !== undefined && !isOver(); due = next()) {
      const sentAt = performance.now();
      record.answered(await sender.send(due), sentAt, performance.now());
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
}

/**
 * Sends each delivery when it is due, without waiting for earlier answers. A latency counts from the time when the
 * delivery was due, so a stall counts for each delivery that it delayed.
 */
export async function runOpenLoop(
  senders: readonly Sender[],
  next: NextDelivery,
  record: LoadRecord,
  { ratePerSecond, seconds }: Extract<LoadPace, { readonly loop: "open" }>,
): Promise<void> {
  const startedAt = performance.now();
  const underWay: Promise<void>[] = [];
  // At least one, however slow the server was from which the rate was taken.
  const count = Math.max(1, Math.floor(ratePerSecond * seconds));
  for (let place = 0; place < count; place += 1) {
    const dueAt = startedAt + (place * 1000) / ratePerSecond;
    const early = dueAt - performance.now();
    if (early > 0) await sleep(early);
    const sender = senders[place % senders.length];
    const delivery = next();
    if (sender === undefined || delivery === undefined) break;
    const answered = sender.send(delivery);
    underWay.push(answered.then((status) => record.answered(status, dueAt, performance.now())));
  }
  await Promise.all(underWay);
}
