import type { Surroundings } from "../../cli/command.ts";
import { usage } from "../../cli/command.ts";
import { serverIn, webAddress } from "../../cli/values.ts";
import type { Deployment } from "./release-code.ts";
import { RELEASE_TIMEOUTS } from "./release-code.ts";

export const COMMIT_OPTION = { value: "HASH", parse: commitHash } as const;

/**
 * Returns the target of a release: the URL beside the options or SERVICE_URL, and RENDER_DEPLOY_HOOK_URL. Throws a
 * usage error.
 */
export function deploymentIn(
  values: readonly string[],
  { env, progress, standsAt }: Surroundings,
): Deployment {
  return {
    service: serverIn(values) ?? webAddress(env.SERVICE_URL?.trim() ?? "", "SERVICE_URL"),
    hook: webAddress(env.RENDER_DEPLOY_HOOK_URL?.trim() ?? "", "RENDER_DEPLOY_HOOK_URL"),
    timeouts: RELEASE_TIMEOUTS,
    progress,
    standsAt,
  };
}

function commitHash(text: string, option: string): string {
  if (/^[0-9a-f]{7,40}$/.test(text)) return text;
  throw usage(`${option} has to be the hash of a commit.`);
}
