/** The deployment cannot go on; the message says what to do, and holds no secret. */
export class DeployError extends Error {
  override readonly name = "DeployError";
}

const PATIENCE_MS = 60_000;

const MEANINGS: ReadonlyMap<number, string> = new Map([
  [401, "its key is not valid any more: copy the deploy hook anew from the service's settings"],
  [404, "Render knows no such service, or no such commit: was it pushed?"],
  [429, "Render wants fewer requests: try again in a minute"],
]);

/**
 * Asks Render to build and start one commit: https://render.com/docs/deploy-hooks, with `ref` for the commit.
 * Throws DeployError when Render does not take the order. The hook is a secret: no message names it.
 */
export async function callDeployHook(hook: URL, commit: string): Promise<void> {
  const order = new URL(hook);
  order.searchParams.set("ref", commit);
  let status: number;
  try {
    const answer = await fetch(order, { method: "POST", signal: AbortSignal.timeout(PATIENCE_MS) });
    await answer.arrayBuffer();
    status = answer.status;
  } catch {
    throw new DeployError("The deploy hook does not answer. Nothing was deployed: try again.");
  }
  if (status >= 200 && status < 300) return;
  const meaning = MEANINGS.get(status) ?? "see the service's events at Render";
  throw new DeployError(`The deploy hook answered ${status}: ${meaning}. Nothing was deployed.`);
}
