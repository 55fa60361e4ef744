import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Surroundings } from "./command.ts";
import { command } from "./command.ts";
import { run } from "./run.ts";

/** Interrupts a command that does `work` after it has begun, and returns its end. */
async function interrupted(
  work: (surroundings: Surroundings) => Promise<unknown>,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const cutOff = new AbortController();
  const begun = Promise.withResolvers<void>();
  const waiting = command({
    about: "Waits.",
    options: {},
    examples: [],
    async run(_input, surroundings) {
      begun.resolve();
      await work(surroundings);
      return { document: {}, text: [] };
    },
  });
  const commands = [{ name: "wait", summary: "wait", load: async () => waiting }];
  const ended = run(["wait", ...args], commands, {
    env: {},
    now: () => Date.now(),
    ask: async () => null,
    input: async () => "",
    cutOff: cutOff.signal,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  await begun.promise;
  cutOff.abort(new DOMException("SIGHUP", "AbortError"));
  return { code: await ended, out, err };
}

test("a sleep that an interruption ends is an interruption, with one line", async () => {
  const asleep = ({ interruption, standsAt }: Surroundings) => {
    standsAt({ changed: false, message: "Nothing was changed." });
    return sleep(60_000, undefined, { signal: interruption() });
  };
  const { code, err } = await interrupted(asleep);
  expect([code, err]).toEqual([4, "Stopped by SIGHUP. Nothing was changed.\n"]);
});

test("a command that has set no state has changed nothing, also with --json", async () => {
  const { code, out, err } = await interrupted(() => sleep(1_000), "--json");
  const error = "Stopped by SIGHUP. Nothing was changed. Next: wait again.";
  expect([code, err, JSON.parse(out)]).toEqual([4, `${error}\n`, { error, exit_code: 4 }]);
});
