import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import manifest from "../../package.json" with { type: "json" };
import { failure, OpsError } from "../cli/command.ts";
import { askHealth } from "../server/ask-health.ts";

/** The version that a server shows which was deployed from here: the package's, and the commit where there is one. */
export async function ownVersion(): Promise<string> {
  const run = promisify(execFile);
  const commit = await run("git", ["rev-parse", "HEAD"]).then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );
  return commit === "" ? manifest.version : `${manifest.version}+${commit.slice(0, COMMIT_DIGITS)}`;
}

/** As many digits of a commit as a server shows. */
const COMMIT_DIGITS = 12;
const POLL_MS = 1_000;
/** A load balancer may send every other question to the older process. */
const IN_A_ROW = 3;

export type Awaited = {
  /** Such as `0.1.0+3f9c2a71b0d4`. */
  readonly version: string;
  /** Milliseconds since 1970 of the hook's call: an older process is not the new one; `null`: nobody called one. */
  readonly calledAt: number | null;
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly progress: (line: string) => void;
};

/**
 * Waits until `/health` shows the new version, three times in a row; a server that says no commit is told by its
 * package's version and its start. Throws a failure when the time is over.
 */
export async function untilDeployed(
  server: URL,
  { version, calledAt, deadlineMs, now, progress }: Awaited,
): Promise<string> {
  const end = now() + deadlineMs;
  let told = "";
  for (let inARow = 0; ; ) {
    const seen = await look(server, now);
    inARow = seen.version !== null && isNew(seen, { version, calledAt }) ? inARow + 1 : 0;
    if (inARow === IN_A_ROW) return `${seen.version} runs`;
    if (seen.said !== told) progress(seen.said);
    told = seen.said;
    if (now() > end) {
      throw failure(
        `After ${Math.round(deadlineMs / 60_000)} minutes ${seen.said}, and ${version} was awaited: look at the deploy's log in Render's dashboard.`,
      );
    }
    await sleep(POLL_MS);
  }
}

type Seen = { readonly version: string | null; readonly startedAt: number; readonly said: string };

async function look(server: URL, now: () => number): Promise<Seen> {
  try {
    const { health, httpStatus, fault } = await askHealth(server);
    if (health === null || health.version === null) {
      return { version: null, startedAt: 0, said: `/health answers ${httpStatus}, ${fault ?? "no version"}` };
    }
    const { version, uptime } = health;
    return { version, startedAt: now() - uptime * 1_000, said: `/health shows ${version}` };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return { version: null, startedAt: 0, said: error.message };
  }
}

/** The uptime is in whole seconds. */
const ROUNDING_MS = 1_000;

function isNew({ version, startedAt }: Seen, awaited: Pick<Awaited, "version" | "calledAt">): boolean {
  const { calledAt } = awaited;
  const [base] = awaited.version.split("+");
  const shows = version === awaited.version || version === base;
  return shows && (calledAt === null || startedAt + ROUNDING_MS >= calledAt);
}
