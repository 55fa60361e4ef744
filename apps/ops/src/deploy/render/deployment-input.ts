import type { Surroundings } from "../../cli/command.ts";
import { usage } from "../../cli/command.ts";
import { serverIn } from "../../cli/values.ts";
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
    service: serverIn(values) ?? urlIn(env, "SERVICE_URL"),
    hook: urlIn(env, "RENDER_DEPLOY_HOOK_URL"),
    timeouts: RELEASE_TIMEOUTS,
    progress,
    standsAt,
  };
}

function commitHash(text: string, option: string): string {
  if (/^[0-9a-f]{7,40}$/.test(text)) return text;
  throw usage(`${option} has to be the hash of a commit.`);
}

function urlIn(env: Surroundings["env"], name: string): URL {
  const url = URL.parse(env[name]?.trim() ?? "");
  if (url === null || !/^https?:$/.test(url.protocol)) throw usage(`${name} has to be set to a URL.`);
  return url;
}
