import { failure, unreachable } from "../../cli/command.ts";

const TIMEOUT_MS = 60_000;

const MEANINGS: ReadonlyMap<number, string> = new Map([
  [401, "its key is not valid any more: copy the deploy hook anew from the service's settings"],
  [404, "Render knows no such service, or no such commit: was it pushed?"],
  [429, "Render wants fewer requests: try again in a minute"],
]);

/**
 * Asks Render to build and start a commit (https://render.com/docs/deploy-hooks); `null`: the newest of its branch.
 * Throws OpsError when Render does not take the order. The hook is a secret: no message names it.
 */
export async function callDeployHook(hook: URL, commit: string | null): Promise<string> {
  const order = new URL(hook);
  if (commit !== null) order.searchParams.set("ref", commit);
  const status = await fetch(order, { method: "POST", signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => {
      throw unreachable("The deploy hook does not answer. Nothing was deployed: try again.");
    },
  );
  if (status >= 200 && status < 300) return `the hook answered ${status}`;
  const meaning = MEANINGS.get(status) ?? "see the service's events at Render";
  throw failure(`The deploy hook answered ${status}: ${meaning}. Nothing was deployed.`);
}
