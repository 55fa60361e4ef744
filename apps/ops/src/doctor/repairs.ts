import type { SetupChange } from "@call-ledger/providers";
import { EgressFault } from "@call-ledger/worker/start";
import type { Surroundings } from "../cli/command.ts";
import { halfWay, OpsError, usage } from "../cli/command.ts";
import { printable } from "../cli/printable.ts";
import { answersBy } from "../deploy/preflight/answers.ts";
import { registerAgent, unregisterAgent } from "../organizations/agent.commands.ts";
import type { AccountResult } from "./doctor.ts";

/** A change that was tried, with its result. */
export type Changed = {
  readonly account: string;
  readonly what: string;
  readonly difference: SetupChange["difference"];
  /** The reason why the change was refused; `null`: it was made. */
  readonly error: string | null;
};

type Planned = { readonly change: SetupChange; readonly result: AccountResult };

type Ports = { readonly isYes: boolean; readonly signal: AbortSignal };

/**
 * Shows all safe changes, asks once, and makes them. Then it does the same with each change that a person decides,
 * which `isYes` does not answer. Throws if the terminal ends before a question is answered: a usage error if nothing
 * was changed.
 */
export async function repair(
  results: readonly AccountResult[],
  surroundings: Surroundings,
  ports: Ports,
): Promise<Changed[]> {
  const planned = results.flatMap((result) =>
    (result.examined?.changes ?? []).map((change): Planned => ({ change, result })),
  );
  const isSafe = ({ change }: Planned) => change.decision === null;
  const safe = planned.filter(isSafe);
  const decisions = ports.isYes ? [] : planned.filter((one) => !isSafe(one)).map((one) => [one]);
  const changed: Changed[] = [];
  const done = () => changed.filter(({ error }) => error === null).length;
  for (const group of [...(safe.length > 0 ? [safe] : []), ...decisions]) {
    const wanted = await isWanted(group, surroundings, ports.isYes);
    if (wanted === null) throw done() > 0 ? halfWay("The question was not answered.") : unanswered(group);
    if (!wanted) continue;
    for (const one of group) {
      changed.push(await make(one, surroundings, ports));
      const message = `${done()} of ${planned.length} changes were made. Run doctor again.`;
      surroundings.standsAt({ changed: done() > 0, message });
    }
  }
  return changed;
}

function unanswered(group: readonly Planned[]): OpsError {
  const yesIsNo = group.some(({ change: { decision } }) => decision !== null);
  const advice = yesIsNo ? ", and --yes leaves out what a person decides" : ": use --yes";
  return usage(`There is no terminal to answer${advice}. Nothing was changed.`);
}

/** Returns the answer; `null`: there is no terminal, or its input has ended. */
async function isWanted(group: readonly Planned[], surroundings: Surroundings, isYes: boolean) {
  const shown = group.flatMap(({ change: { what, difference, decision }, result }) => [
    printable(`${what} (account ${result.account.id}):`),
    ...difference.map(({ field, before, after }) => printable(`  ${field}: ${before} → ${after}`)),
    ...(decision === null ? [] : [printable(decision)]),
  ]);
  if (isYes) for (const line of shown) surroundings.progress(line);
  const isOurs = group.some(({ change: { action } }) => !("request" in action));
  const question = `Change this ${isOurs ? "in the ledger" : "at the provider"}?`;
  return (await answersBy(surroundings, isYes)([...shown, question].join("\n"))).yes;
}

async function make(
  { change, result: { account, setup } }: Planned,
  { env, progress }: Surroundings,
  { signal }: Ports,
): Promise<Changed> {
  const { what, difference, action } = change;
  const changing = async () => {
    if ("request" in action) return await setup?.change(action, signal);
    if ("removeAgent" in action) return await unregisterAgent(env, action.removeAgent);
    return await registerAgent(env, action.orgId, {
      accountId: account.id,
      providerAgentId: action.addAgent,
    });
  };
  const error = await changing().then(() => null, refusalOf);
  if (error !== null) progress(printable(`${what} was not changed: ${error}`));
  return { account: account.id, what, difference, error };
}

function refusalOf(error: unknown): string {
  if (error instanceof EgressFault) return error.reason;
  if (error instanceof OpsError) return error.message;
  throw error;
}
