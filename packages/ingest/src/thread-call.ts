import { Worker } from "node:worker_threads";
import { LedgerUnavailable } from "./ledger-errors.ts";

export type ThreadLimits = {
  /** A thread that was asked nothing for so long is ended, and its memory with it. */
  readonly idleMs: number;
  /** The thread's own heap: beyond it the thread ends, and the process goes on. */
  readonly maxHeapMb: number;
};

/**
 * A thread that answers one question at a time; it is started by the first one and does not keep the process alive.
 * The returned function throws LedgerUnavailable when the thread ends without an answer, or does not answer within
 * `deadlineMs`; the next question starts another.
 */
export function threadCall<Question, Answer>(
  program: URL,
  { idleMs, maxHeapMb }: ThreadLimits,
): (question: Question, transfer: ArrayBuffer[], deadlineMs: number) => Promise<Answer> {
  let running: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;

  const end = (thread: Worker): void => {
    if (running === thread) running = null;
    void thread.terminate();
  };
  const started = (): Worker => {
    const resourceLimits = { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 16 };
    const thread = new Worker(program, { resourceLimits, name: "reading" });
    thread.unref();
    // Whoever waits hears of it by `exit`.
    thread.on("error", () => undefined);
    thread.on("exit", () => {
      if (running === thread) running = null;
    });
    return thread;
  };
  return (question, transfer, deadlineMs) =>
    new Promise<Answer>((resolve, reject) => {
      clearTimeout(idle);
      running ??= started();
      const thread = running;
      const settle = (): void => {
        clearTimeout(timeout);
        thread.off("message", answered).off("exit", lost);
        clearTimeout(idle);
        idle = setTimeout(() => end(thread), idleMs).unref();
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
        end(thread);
        reject(new LedgerUnavailable("READING_DEADLINE"));
      }, deadlineMs);
      thread.on("message", answered).on("exit", lost);
      thread.postMessage(question, transfer);
    });
}
