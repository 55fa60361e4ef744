import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { DeployError } from "./deploy.hook.ts";
import type { Deployment } from "./release.code.ts";
import { PATIENCE, releaseCode, rollBackCode } from "./release.code.ts";

/* The pipeline's steps around Render: `release` deploys the commit that is checked out, `rollback` the one before. */

const FAILED = 1;
const USAGE = 2;

// biome-ignore lint/style/noProcessEnv: this is where the environment enters.
const env = process.env;
const say = (line: string) => process.stdout.write(`${line}\n`);

const steps: Readonly<Record<string, () => Promise<void>>> = {
  release: () => releaseCode(deployment(), thisCommit(), announcePrevious),
  rollback: () => rollBackCode(deployment(), hashIn("PREVIOUS_COMMIT")),
};

class UsageError extends Error {}

function deployment(): Deployment {
  return { service: urlIn("SERVICE_URL"), hook: urlIn("RENDER_DEPLOY_HOOK_URL"), patience: PATIENCE, say };
}

function urlIn(name: string): URL {
  const url = URL.parse(env[name] ?? "");
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(`${name} has to be set to a URL.`);
  return url;
}

function hashIn(name: string): string {
  const hash = env[name] ?? "";
  if (!/^[0-9a-f]{7,40}$/.test(hash)) throw new UsageError(`${name} has to be set to the hash of a commit.`);
  return hash;
}

function thisCommit(): string {
  return execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
}

/** The file that GitHub reads a step's outputs from; on a terminal there is none. */
function announcePrevious(previous: string | null): void {
  if (env.GITHUB_OUTPUT) appendFileSync(env.GITHUB_OUTPUT, `previous=${previous ?? ""}\n`);
}

const [name = "", ...rest] = process.argv.slice(2);
const step = rest.length === 0 ? steps[name] : undefined;
try {
  if (step === undefined) throw new UsageError(`The steps are ${Object.keys(steps).join(" and ")}.`);
  await step();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof DeployError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError ? USAGE : FAILED;
}
