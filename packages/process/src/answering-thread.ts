import { Worker } from "node:worker_threads";

export type ThreadLimits = {
  /** A thread that gets no question for this time is ended, which frees its memory. */
  readonly idleMs: number;
  /** The limit of the thread's own heap. Beyond it the thread ends, and the process goes on. */
  readonly maxHeapMb: number;
};

/**
 * A thread gave no answer: `THREAD_STARTING` it was not ready in time, `THREAD_LOST` it ended, `THREAD_DEADLINE` it was
 * ended because it took too long.
 */
export class ThreadUnanswered extends Error {
  override readonly name = "ThreadUnanswered";
  readonly code: "THREAD_STARTING" | "THREAD_LOST" | "THREAD_DEADLINE";

  constructor(code: ThreadUnanswered["code"]) {
    super(code);
    this.code = code;
  }
}

/** The message of a thread that has loaded its program and accepts questions. */
export const READY = "ready";

type Thread = {
  readonly worker: Worker;
  /** Resolves when the thread accepts questions or has ended. */
  readonly ready: Promise<void>;
};

/**
 * Starts a thread that answers one question at a time. The first question starts it, and it does not keep the process
 * alive. The thread sends READY before its first answer. The returned function throws ThreadUnanswered if the thread
 * ends without an answer, or does not answer within `deadlineMs`. The next question then starts another thread. A
 * thread that is still starting is kept, because another one would have to start too.
 */
export function answeringThread<Question, Answer>(
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
    const worker = new Worker(program, { resourceLimits, name: "answers" });
    worker.unref();
    // The waiting question learns of the failure by `exit`.
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
      if (!isReady) throw new ThreadUnanswered("THREAD_STARTING");
      if (running !== thread) throw new ThreadUnanswered("THREAD_LOST");
      return await answerOf<Answer>(thread.worker, until - performance.now(), () => {
        thread.worker.postMessage(question, transfer);
      });
    } catch (error) {
      if (error instanceof ThreadUnanswered && error.code === "THREAD_DEADLINE") end(thread);
      throw error;
    } finally {
      clearTimeout(idle);
      idle = setTimeout(() => end(thread), idleMs).unref();
    }
  };
}

/** Returns whether the promise settles within `ms`. */
async function before(settled: Promise<void>, ms: number): Promise<boolean> {
  const { promise: over, resolve } = Promise.withResolvers<false>();
  const timeout = setTimeout(() => resolve(false), ms);
  const first = await Promise.race([settled.then(() => true), over]);
  clearTimeout(timeout);
  return first;
}

/** Returns the next message of a thread. Throws ThreadUnanswered. */
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
      reject(new ThreadUnanswered("THREAD_LOST"));
    };
    const timeout = setTimeout(() => {
      settle();
      reject(new ThreadUnanswered("THREAD_DEADLINE"));
    }, deadlineMs);
    worker.on("message", answered).on("exit", lost);
    ask();
  });
}
