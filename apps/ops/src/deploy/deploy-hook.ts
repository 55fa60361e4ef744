import { failure } from "../cli/command.ts";
import { nobodyAt } from "./server/nobody-at.ts";

const DEADLINE_MS = 60_000;

/** Calls a deploy hook. Its URL is a secret: nothing of it beyond the host is ever said. Throws OpsError. */
export async function callDeployHook(hook: URL): Promise<string> {
  const status = await fetch(hook, { method: "POST", signal: AbortSignal.timeout(DEADLINE_MS) }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    (error: unknown) => {
      throw nobodyAt(hook, error);
    },
  );
  if (status >= 200 && status < 300) return `the hook answered ${status}`;
  throw failure(`The deploy hook answered ${status}: is it the one that Render's dashboard shows?`);
}
