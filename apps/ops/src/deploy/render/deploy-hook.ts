import { failure, unreachable } from "../../cli/command.ts";

const TIMEOUT_MS = 60_000;

const MEANINGS: ReadonlyMap<number, string> = new Map([
  [401, "its key is no longer valid: copy the deploy hook again from the service's settings"],
  [404, "Render does not know this service or this commit: was it pushed?"],
  [429, "Render limits the rate of requests: try again in a minute"],
]);

/**
 * Asks Render to build and start a commit (https://render.com/docs/deploy-hooks); `null`: the newest of its branch.
 * Throws OpsError if Render refuses. The hook is a secret, so no message contains it.
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
      throw unreachable("The deploy hook does not answer. Nothing was deployed. Try again.");
    },
  );
  if (status >= 200 && status < 300) return `the hook answered ${status}`;
  const meaning = MEANINGS.get(status) ?? "see the service's events at Render";
  throw failure(`The deploy hook answered ${status}: ${meaning}. Nothing was deployed.`);
}
