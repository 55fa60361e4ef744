import type { ExaminedLedger } from "./examined-ledger.ts";
import { API_KEY } from "./examined-ledger.ts";
import type { Finished } from "./run-ops.ts";

export type DoctorCase = {
  /** Creates the fault. */
  readonly breaks: (ledger: ExaminedLedger) => unknown;
  /** The only check that fails. */
  readonly check: string;
  readonly says: string;
  readonly env?: (ledger: ExaminedLedger) => Record<string, string>;
  /** `safe`: `--fix` repairs the fault. `asked`: it does if a person says yes to this change. */
  readonly fix?: "safe" | "asked";
  /** Does what `next` says. Afterwards the check passes without `env`. */
  readonly cure: (ledger: ExaminedLedger, next: string) => unknown;
};

/** Sends the requests of the printed curl commands. */
export async function pasted(_ledger: ExaminedLedger, next: string): Promise<void> {
  const commands = [...next.matchAll(/curl -X PATCH (\S+) .*? -d '(.*?)'(?= |$)/gm)];
  if (commands.length === 0) throw new Error(`no command in: ${next}`);
  for (const [, url = "", body = ""] of commands) {
    const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" };
    const { ok, status } = await fetch(url, { method: "PATCH", headers, body });
    if (!ok) throw new Error(`HTTP ${status} from ${url}`);
  }
}

/** Runs the printed command of ops. */
export async function ran(ledger: ExaminedLedger, command: string): Promise<Finished> {
  const done = await ledger.ops(command.replace(/^.*ops -- /, "").split(" "));
  if (done.code !== 0) throw new Error(`${command}: ${done.stderr}${done.stdout}`);
  return done;
}
