import { setTimeout as sleep } from "node:timers/promises";
import { DbError } from "@call-ledger/db/errors";
import { expect, test } from "vitest";
import type { Surroundings } from "./command.ts";
import { command } from "./command.ts";
import { run } from "./run.ts";

/** Interrupts a command that does `work` after it has begun, and returns its end. */
const interrupted = (work: Work, ...args: string[]) =>
  ended(work, new DOMException("SIGHUP", "AbortError"), args);

type Work = (surroundings: Surroundings) => Promise<unknown>;

async function ended(
  work: Work,
  interruption: DOMException | null,
  args: readonly string[] = [],
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
  const end = run(["wait", ...args], commands, {
    env: { DATABASE_URL: "postgres://o@db.test/ledger" },
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
  if (interruption !== null) cutOff.abort(interruption);
  return { code: await end, out, err };
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

test("a command that has set no state has changed nothing when the connection is lost", async () => {
  const lost = async () => {
    throw new DbError("unavailable", "ECONNRESET", null);
  };
  const { code, err } = await ended(lost, null);
  expect([code, err]).toEqual([
    3,
    "The database ledger at db.test closed the connection (connection_lost, ECONNRESET). It was restarted, or the " +
      "proxy in front of it cannot reach it. Wait until it answers again. Nothing was changed.\n",
  ]);
});
