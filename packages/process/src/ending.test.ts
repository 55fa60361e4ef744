import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";

const INDEX = new URL("./index.ts", import.meta.url).href;

/** Runs a program that can use this package. The program has to write `ready` when signals may come. */
async function started(program: string) {
  const names = "createLog, endOnSignals, refuseEnvironment, stopRequest";
  const source = `import { ${names} } from ${JSON.stringify(INDEX)}; ${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once("close", (code, signal) => resolve(code ?? signal)),
  );
  const said = (word: string) =>
    new Promise<void>((resolve) => {
      const look = () => (text.includes(word) ? resolve() : undefined);
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", look);
      look();
    });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return { child, said, ended, text: () => text };
}

const server = (stop: string) => `
  setInterval(() => {}, 60_000);
  endOnSignals({ log: createLog("info"), message: "stopping now", stop: ${stop} });
  process.stdout.write("ready\\n");`;

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s stops the process, is logged, and the process exits with 0",
  async (signal) => {
    const { child, said, ended, text } = await started(server(`async () => process.stdout.write("stopped")`));
    await said("ready");
    child.kill(signal);
    expect(await ended).toBe(0);
    expect(text()).toMatch(new RegExp(`"signal":"${signal}","msg":"stopping now"`));
    expect(text()).toContain("stopped");
  },
);

test("a second signal exits with 1 immediately", async () => {
  const { child, said, ended } = await started(server("() => new Promise(() => {})"));
  await said("ready");
  child.kill("SIGTERM");
  await said("stopping now");
  child.kill("SIGINT");
  expect(await ended).toBe(1);
});

test.each([
  ["a stop that fails", server(`async () => { throw new TypeError("mark" + "er"); }`), "SIGTERM"],
  ["a rejection", `${server("async () => {}")} Promise.reject(new TypeError("mark" + "er"));`, null],
] as const)("%s exits with 1 and shows no message", async (_what, program, signal) => {
  const { child, said, ended, text } = await started(program);
  await said("ready");
  if (signal !== null) child.kill(signal);
  expect(await ended).toBe(1);
  expect(text()).toContain('"error":"TypeError"');
  expect(text()).toContain("CRITICAL: the process ends because of an error that nobody caught");
  expect(text()).not.toContain("marker");
});

const asked = (options: string, before = "") => `
  setInterval(() => {}, 60_000);
  const request = stopRequest(${options});
  request.signal.addEventListener("abort", () => process.stdout.write("asked by " + request.signal.reason.message));
  ${before} process.stdout.write("ready\\n");`;

async function signalTwice(child: ChildProcess, said: (word: string) => Promise<void>) {
  await said("ready");
  child.kill("SIGHUP");
  await said("asked by SIGHUP");
  child.kill("SIGINT");
}

test("the first signal aborts the request, and the second one ends the process", async () => {
  const { child, said, ended } = await started(asked("{ hangUp: true }"));
  await signalTwice(child, said);
  expect(await ended).toBe("SIGINT");
});

test("the second signal runs `again` if it is given", async () => {
  const { child, said, ended } = await started(asked("{ hangUp: true, again: () => process.exit(130) }"));
  await signalTwice(child, said);
  expect(await ended).toBe(130);
});

test("after forget(), a signal ends the process", async () => {
  const { child, said, ended, text } = await started(asked("", "request.forget();"));
  await said("ready");
  child.kill("SIGTERM");
  expect(await ended).toBe("SIGTERM");
  expect(text()).not.toContain("asked");
});

test("an environment is refused with all its problems and exit code 2", async () => {
  const { ended, text } = await started(`refuseEnvironment(["A must be set", "B is no number"]);`);
  expect(await ended).toBe(2);
  expect(text()).toBe("The environment has to be put right first:\n  A must be set\n  B is no number\n");
});
