import { expect, test } from "vitest";
import { answeringThread, READY, ThreadUnanswered } from "./answering-thread.ts";

/** A thread that doubles numbers, and obeys a text. */
const program = (startsSlowly: boolean) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from "node:worker_threads";
    parentPort.on("message", (question) => {
      if (question === "end") process.exit(0);
      if (question === "throw") throw new Error("broken");
      if (question === "hang") for (;;);
      if (question === "fill") for (const kept = [];;) kept.push(new Array(10_000).fill(0.5));
      parentPort.postMessage(question === "id" ? threadId : 2 * question);
    });
    if (${startsSlowly}) await new Promise((resolve) => setTimeout(resolve, 700));
    parentPort.postMessage("${READY}");`)}`,
  );

const thread = (idleMs = 10_000, startsSlowly = false) =>
  answeringThread<number | string, number>(program(startsSlowly), { idleMs, maxHeapMb: 32 });
const codeOf = (error: unknown) => (error instanceof ThreadUnanswered ? error.code : error);

test("one thread answers questions, one after another", async () => {
  const ask = thread();
  const [first, second] = [await ask("id", [], 10_000), await ask("id", [], 10_000)];
  expect(second).toBe(first);
  expect(await ask(21, [], 10_000)).toBe(42);
});

test.each([["end"], ["throw"], ["fill"]])(
  "a thread that cannot answer (%s) is replaced",
  async (question) => {
    const ask = thread();
    expect(await ask(question, [], 20_000).catch(codeOf)).toBe("THREAD_LOST");
    expect(await ask(21, [], 10_000)).toBe(42);
  },
);

// If the test fails because of another program on the same cores, the retry passes.
test("a thread that does not answer in time is ended and replaced", { retry: 2 }, async () => {
  const ask = thread();
  await ask(1, [], 10_000);
  const asked = performance.now();
  expect(await ask("hang", [], 200).catch(codeOf)).toBe("THREAD_DEADLINE");
  expect(performance.now() - asked).toBeLessThan(1_000);
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(process.cpuUsage(before).user).toBeLessThan(300_000);
  expect(await ask(21, [], 10_000)).toBe(42);
});

test("a thread that is still starting when a question runs out of time answers the next one", async () => {
  const ask = thread(10_000, true);
  expect(await ask(1, [], 100).catch(codeOf)).toBe("THREAD_STARTING");
  expect(await ask(21, [], 10_000)).toBe(42);
});

test("a program that cannot be loaded fails the question", async () => {
  const ask = answeringThread<number, number>(new URL("data:text/javascript,throw new Error('broken')"), {
    idleMs: 100,
    maxHeapMb: 32,
  });
  expect(await ask(1, [], 10_000).catch(codeOf)).toBe("THREAD_LOST");
});

test("an idle thread is ended", async () => {
  const ask = thread(50);
  const first = await ask("id", [], 10_000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await ask("id", [], 10_000)).not.toBe(first);
});
