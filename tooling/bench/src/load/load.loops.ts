import { openLoopSchedule } from "../statistics/open-loop.schedule.ts";
import type { HttpConnection } from "./http.connection.ts";
import type { LoadPace } from "./load.job.ts";

/** Where answers are noted; times are ms of performance.now(). */
export type LoadRecord = {
  answered(status: number, dueAt: number, answeredAt: number): void;
};

/** The next request, `undefined` when the traffic is used up. */
export type NextRequest = () => Uint8Array | undefined;

/** Every connection sends as soon as it may, until the time is over. Resolves when the last answer has come. */
export async function runClosedLoop(
  connections: readonly HttpConnection[],
  next: NextRequest,
  record: LoadRecord,
  until: number,
): Promise<void> {
  await Promise.all(
    connections.map(async (connection) => {
      for (let request = next(); request !== undefined && performance.now() < until; request = next()) {
        const sentAt = performance.now();
        record.answered(await connection.send(request), sentAt, performance.now());
      }
    }),
  );
}

/** Sends what is due, over whichever connection is free; what finds none waits for one, and its latency grows. */
export async function runOpenLoop(
  connections: readonly HttpConnection[],
  next: NextRequest,
  record: LoadRecord,
  { ratePerSecond, seconds }: Extract<LoadPace, { readonly loop: "open" }>,
): Promise<void> {
  const schedule = openLoopSchedule(ratePerSecond, seconds);
  const free = [...connections];
  const due: number[] = [];
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let place = 0;

  const dispatch = () => {
    while (due.length > 0 && free.length > 0) {
      const connection = free.pop();
      const request = next();
      const dueAt = due.shift();
      if (connection === undefined || request === undefined || dueAt === undefined) return;
      const exchange = connection.send(request).then((status) => {
        record.answered(status, dueAt, performance.now());
        free.push(connection);
        underWay.delete(exchange);
        dispatch();
      });
      underWay.add(exchange);
    }
  };
  while (!schedule.isOver()) {
    for (let taken = schedule.takeDue(performance.now() - startedAt); taken > 0; taken -= 1) {
      due.push(startedAt + schedule.dueAt(place));
      place += 1;
    }
    dispatch();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  while (underWay.size > 0) await Promise.all(underWay);
}
