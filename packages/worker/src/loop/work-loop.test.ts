import { expect, test, vi } from "vitest";
import { workLoop } from "./work-loop.ts";

type Job = { readonly leaseToken: string };

/** A queue in memory, whose jobs end when the test ends them. */
function queueOf(count: number) {
  const waiting: Job[] = Array.from({ length: count }, (_, index) => ({ leaseToken: String(index) }));
  const finish = new Map<string, () => void>();
  const log: string[] = [];
  return {
    waiting,
    log,
    finish: (token: string) => finish.get(token)?.(),
    ports: {
      leaseMs: 60_000,
      async claim(max: number) {
        log.push(`claim ${max}`);
        return waiting.splice(0, max);
      },
      run: (job: Job, signal: AbortSignal) =>
        new Promise<"done" | null>((resolve) => {
          finish.set(job.leaseToken, () => resolve("done"));
          signal.addEventListener("abort", () => resolve(null));
        }),
      extend: async (_job: Job) => true,
      async release(job: Job) {
        log.push(`release ${job.leaseToken}`);
        return true;
      },
      onError: (error: unknown) => void log.push(`error ${error}`),
    },
  };
}

const timing = { concurrency: 2, pollMs: 60_000 };

test("at most `concurrency` jobs run at once, and each end starts the next one", async () => {
  const queue = queueOf(5);
  const loop = workLoop(queue.ports, timing);
  await vi.waitFor(() => expect(loop.running()).toBe(2));
  expect(queue.waiting).toHaveLength(3);
  queue.finish("0");
  await vi.waitFor(() => expect(queue.waiting).toHaveLength(2));
  expect(loop.running()).toBe(2);
  await loop.stop(0);
});

test("a wake-up during a look is not lost", async () => {
  const queue = queueOf(0);
  let claims = 0;
  let answer: (jobs: Job[]) => void = () => undefined;
  const claim = () => {
    claims += 1;
    return new Promise<Job[]>((resolve) => {
      answer = resolve;
    });
  };
  const loop = workLoop({ ...queue.ports, claim }, timing);
  loop.wake();
  loop.wake();
  answer([]);
  await vi.waitFor(() => expect(claims).toBe(2));
  answer([]);
  await loop.stop(0);
});

test("a stop waits for jobs that end in time, gives back the others and claims nothing more", async () => {
  const queue = queueOf(3);
  const loop = workLoop(queue.ports, timing);
  await vi.waitFor(() => expect(loop.running()).toBe(2));
  const stopping = loop.stop(100);
  queue.finish("0");
  await stopping;
  expect(queue.log).toEqual(["claim 2", "release 1"]);
  expect([loop.running(), queue.waiting.length]).toEqual([0, 1]);
});

test("a job whose lease is lost is aborted, but not one that cannot be extended for a moment", async () => {
  const queue = queueOf(2);
  const ports = {
    ...queue.ports,
    leaseMs: 600,
    async extend({ leaseToken }: Job) {
      if (leaseToken === "0") return false;
      throw new Error("the database is away");
    },
  };
  const loop = workLoop(ports, timing);
  await vi.waitFor(() => expect(queue.log).toContain("release 0"));
  expect(queue.log).not.toContain("release 1");
  await vi.waitFor(() => expect(queue.log).toContain("release 1"));
  await loop.stop(0);
});

test("a failed claim is reported and repeated", async () => {
  const queue = queueOf(1);
  let fails = true;
  const claim = async (max: number) => {
    if (!fails) return queue.ports.claim(max);
    fails = false;
    throw new Error("away");
  };
  const loop = workLoop({ ...queue.ports, claim }, { ...timing, pollMs: 1 });
  await vi.waitFor(() => expect(loop.running()).toBe(1));
  expect(queue.log[0]).toBe("error Error: away");
  await loop.stop(0);
});
