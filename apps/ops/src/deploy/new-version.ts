import { setTimeout as sleep } from "node:timers/promises";
import type { HealthStatus } from "@call-ledger/contract/health";
import manifest from "../../package.json" with { type: "json" };
import { failure, OpsError } from "../cli/command.ts";
import { gitIn } from "./preflight/git.ts";
import { askHealth, askReady } from "./server/ask-health.ts";
import { IS_IT_RUNNING } from "./server/unreachable-server.ts";

/** A release as `/health` identifies it. */
export type Version = {
  /** The version of the package; `null`: not known. */
  readonly version: string | null;
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
  const digits = commit?.slice(0, SHOWN_DIGITS);
  return [version, digits].filter((part) => part).join("+") || "a release without a version";
}

/** A load balancer may send every second request to the older process. */
const IN_A_ROW = 3;

/** In milliseconds. */
export type ReleaseTimeouts = {
  /** For one answer. */
  readonly answerMs: number;
  /** For build and start together. */
  readonly releaseMs: number;
  readonly pollMs: number;
};

export type Awaited = {
  readonly version: Version;
  /**
   * The time of the hook's call in milliseconds since 1970: a process that started earlier is not the new one. `null`:
   * no hook was called, or the commit is enough.
   */
  readonly calledAt: number | null;
  readonly timeouts: ReleaseTimeouts;
  readonly now: () => number;
  readonly progress: (line: string) => void;
};

/**
 * Waits until `/health` shows the new version and `/health/ready` is 200, three times in a row. A server that reports
 * no commit is recognised by its package's version and its start. Throws a failure when the time is over.
 */
export async function untilServes(server: URL, awaited: Awaited): Promise<string> {
  const { now, progress, timeouts } = awaited;
  const end = now() + timeouts.releaseMs;
  let printed = "";
  for (let inARow = 0; ; ) {
    const left = Math.max(LAST_ANSWER_MS, end - now());
    const seen = await askRelease(server, Math.min(timeouts.answerMs, left), now);
    inARow = seen.isReady && isNew(seen, awaited) ? inARow + 1 : 0;
    if (inARow === IN_A_ROW) return `${nameOf(seen)} serves`;
    if (seen.text !== printed) progress(seen.text);
    printed = seen.text;
    if (now() > end) {
      const isOld = seen.startedAt !== null && seen.startedAt < (awaited.calledAt ?? 0);
      throw failure(
        `${nameOf(awaited.version)} does not serve after ${shownSpan(timeouts.releaseMs)}. The last answer: ${seen.text}` +
          `${isOld ? ", from a process that started before the order" : ""}. Check the deploy's log at your host. ` +
          "The previous release stays there if a build fails or /health/ready is not 200.",
      );
    }
    await sleep(timeouts.pollMs);
  }
}

/** For one answer of a server that does not sleep. */
export const ANSWER_MS = 10_000;
/** For the answer at the end of the time. */
const LAST_ANSWER_MS = 1_000;

export function shownSpan(ms: number): string {
  return ms < 120_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.round(ms / 60_000)} minutes`;
}

/** The release that a server runs. Without an answer of call-ledger all is `null`, and `text` says why. */
export type SeenRelease = Version & {
  readonly isReady: boolean;
  readonly startedAt: number | null;
  readonly text: string;
};

/** Asks a server for its release. */
export async function askRelease(
  server: URL,
  answerMs: number,
  now: () => number = Date.now,
): Promise<SeenRelease> {
  const unknown = { version: null, commit: null, isReady: false, startedAt: null };
  try {
    const { health, httpStatus, fault } = await askHealth(server, { timeoutMs: answerMs });
    if (health === null) return { ...unknown, text: `/health answers ${httpStatus}, ${fault}` };
    const { version, commit } = health;
    const startedAt = now() - health.uptime * 1_000;
    const isReady = await askReady(server, answerMs);
    const text = `/health shows ${nameOf(health)}, ${isReady ? "ready" : "not ready"}`;
    return { version, commit, startedAt, isReady, text };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    // While a release is awaited, a server that starts is no fault.
    return { ...unknown, text: error.message.replace(IS_IT_RUNNING, "It may be starting.") };
  }
}

/** The uptime is rounded to whole seconds. */
const ROUNDING_MS = 1_000;

function isNew(seen: SeenRelease, { version: { version, commit }, calledAt }: Awaited): boolean {
  // A release that reports no commit is recognised by its version, if that is known.
  const isOther =
    commit !== null && !(isSameCommit(seen.commit, commit) || (seen.commit === null && version));
  const isYoung = calledAt === null || (seen.startedAt ?? 0) + ROUNDING_MS >= calledAt;
  return (version === null || seen.version === version) && !isOther && isYoung;
}
