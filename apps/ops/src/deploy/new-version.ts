import { setTimeout as sleep } from "node:timers/promises";
import type { HealthStatus } from "@call-ledger/contract/health";
import manifest from "../../package.json" with { type: "json" };
import { failure, OpsError } from "../cli/command.ts";
import { gitIn } from "./preflight/git.ts";
import { askHealth } from "./server/ask-health.ts";

/** A release as `/health` identifies it. */
export type Version = {
  /** The version of the package. */
  readonly version: string;
  /** The whole hash or its first digits; `null`: not known. */
  readonly commit: string | null;
};

/** Returns the version to deploy: this package, and the commit of the working tree if there is one. */
export async function ownVersion(): Promise<Version> {
  const commit = gitIn(process.cwd()).ask("rev-parse", "HEAD");
  return { version: manifest.version, commit: await commit.catch(() => null) };
}

/** Returns whether two hashes, or their first digits, name one commit. Returns `false` if one of them is not known. */
export function isSameCommit(a: string | null | undefined, b: string | null | undefined): boolean {
  if (!a || !b) return false;
  return a.startsWith(b) || b.startsWith(a);
}

/** Returns whether a server runs exactly this commit. */
export function runsAlready(running: HealthStatus | undefined, { version, commit }: Version): boolean {
  return running?.version === version && isSameCommit(running.commit, commit);
}

/** Parses `0.1.0`, or with a commit `0.1.0+3f9c2a71b0d4`. */
export function versionNamed(text: string): Version {
  const [version = "", commit = null] = text.split("+");
  return { version, commit };
}

const SHOWN_DIGITS = 12;

function nameOf({ version, commit }: Version): string {
  return commit === null ? version : `${version}+${commit.slice(0, SHOWN_DIGITS)}`;
}

const POLL_MS = 1_000;
/** A load balancer may send every second request to the older process. */
const IN_A_ROW = 3;

export type Awaited = {
  readonly version: Version;
  /**
   * The time of the hook's call in milliseconds since 1970: a process that started earlier is not the new one. `null`:
   * no hook was called.
   */
  readonly calledAt: number | null;
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly progress: (line: string) => void;
};

/**
 * Waits until `/health` shows the new version three times in a row. A server that reports no commit is recognised by
 * its package's version and its start. Throws a failure when the time is over.
 */
export async function untilDeployed(server: URL, awaited: Awaited): Promise<string> {
  const { now, progress } = awaited;
  const end = now() + awaited.deadlineMs;
  let printed = "";
  for (let inARow = 0; ; ) {
    const seen = await readVersion(server, now);
    inARow = seen.shows !== null && isNew(seen.shows, seen.startedAt, awaited) ? inARow + 1 : 0;
    if (seen.shows !== null && inARow === IN_A_ROW) return `${nameOf(seen.shows)} runs`;
    if (seen.text !== printed) progress(seen.text);
    printed = seen.text;
    if (now() > end) {
      const isOld = seen.shows !== null && seen.startedAt < (awaited.calledAt ?? 0);
      throw failure(
        `For ${Math.round(awaited.deadlineMs / 1_000)} s ${nameOf(awaited.version)} did not appear. The last answer: ${seen.text}` +
          `${isOld ? ", from a process that started before the order" : ""}. Check the log of the deploy at your host.`,
      );
    }
    await sleep(POLL_MS);
  }
}

type ShownVersion = { readonly shows: Version | null; readonly startedAt: number; readonly text: string };

async function readVersion(server: URL, now: () => number): Promise<ShownVersion> {
  try {
    const { health, httpStatus, fault } = await askHealth(server);
    if (health === null || health.version === null) {
      return { shows: null, startedAt: 0, text: `/health answers ${httpStatus}, ${fault ?? "no version"}` };
    }
    const shows = { version: health.version, commit: health.commit };
    return { shows, startedAt: now() - health.uptime * 1_000, text: `/health shows ${nameOf(shows)}` };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return { shows: null, startedAt: 0, text: error.message };
  }
}

/** The uptime is rounded to whole seconds. */
const ROUNDING_MS = 1_000;

function isNew(shows: Version, startedAt: number, { version, calledAt }: Awaited): boolean {
  const isOther =
    shows.commit !== null && version.commit !== null && !isSameCommit(shows.commit, version.commit);
  const isYoung = calledAt === null || startedAt + ROUNDING_MS >= calledAt;
  return shows.version === version.version && !isOther && isYoung;
}
