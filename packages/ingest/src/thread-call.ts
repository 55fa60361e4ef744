import { Worker } from "node:worker_threads";
import { LedgerUnavailable } from "./ledger-errors.ts";

export type ThreadLimits = {
  /** A thread that was asked nothing for so long is ended, and its memory with it. */
  readonly idleMs: number;
  /** The thread's own heap: beyond it the thread ends, and the process goes on. */
  readonly maxHeapMb: number;
};

/** What a thread says when it has loaded its program and takes questions. */
export const READY = "ready";

type Thread = {
  readonly worker: Worker;
  /** Resolves when it takes questions, or has ended. */
  readonly ready: Promise<void>;
};

/**
 * A thread that answers one question at a time; it is started by the first one and does not keep the process alive. It
 * says READY before it answers.
 * The returned function throws LedgerUnavailable when the thread ends without an answer, or does not answer within
 * `deadlineMs`. Then the next question starts another; a thread that is still starting is kept, because another would
 * have to start as well.
 */
export function threadCall<Question, Answer>(
  program: URL,
  { idleMs, maxHeapMb }: ThreadLimits,
): (question: Question, transfer: ArrayBuffer[], deadlineMs: number) => Promise<Answer> {
  let running: Thread | null = null;
  let idle: NodeJS.Timeout | undefined;

  const end = ({ worker }: Thread): void => {
    if (running?.worker === worker) running = null;
    void worker.terminate();
  };
  const started = (): Thread => {
    const resourceLimits = { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 16 };
    const worker = new Worker(program, { resourceLimits, name: "reading" });
    worker.unref();
    // Whoever waits hears of it by `exit`.
    worker.on("error", () => undefined);
    worker.on("exit", () => {
      if (running?.worker === worker) running = null;
    });
    const ready = new Promise<void>((resolve) => {
      worker.once("message", () => resolve()).once("exit", () => resolve());
    });
    return { worker, ready };
  };
  return async (question, transfer, deadlineMs) => {
    clearTimeout(idle);
    running ??= started();
    const thread = running;
    const until = performance.now() + deadlineMs;
    try {
      const isReady = await before(thread.ready, deadlineMs);
      if (!isReady) throw new LedgerUnavailable("READER_STARTING");
      if (running !== thread) throw new LedgerUnavailable("READER_LOST");
      return await answerOf<Answer>(thread.worker, until - performance.now(), () => {
        thread.worker.postMessage(question, transfer);
      });
    } catch (error) {
      if (error instanceof LedgerUnavailable && error.code === "READING_DEADLINE") end(thread);
      throw error;
    } finally {
      clearTimeout(idle);
      idle = setTimeout(() => end(thread), idleMs).unref();
    }
  };
}

/** Whether it is settled before `ms` are over. */
async function before(settled: Promise<void>, ms: number): Promise<boolean> {
  const { promise: over, resolve } = Promise.withResolvers<false>();
  const timeout = setTimeout(() => resolve(false), ms);
  const first = await Promise.race([settled.then(() => true), over]);
  clearTimeout(timeout);
  return first;
}

/** The next thing that a thread says. Throws LedgerUnavailable: READER_LOST or READING_DEADLINE. */
function answerOf<Answer>(worker: Worker, deadlineMs: number, ask: () => void): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timeout);
      worker.off("message", answered).off("exit", lost);
    };
    const answered = (answer: Answer): void => {
      settle();
      resolve(answer);
    };
    const lost = (): void => {
      settle();
      reject(new LedgerUnavailable("READER_LOST"));
    };
    const timeout = setTimeout(() => {
      settle();
      reject(new LedgerUnavailable("READING_DEADLINE"));
    }, deadlineMs);
    worker.on("message", answered).on("exit", lost);
    ask();
  });
}
