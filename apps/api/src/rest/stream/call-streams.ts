import type { CallChange, CallChanges, ChangePlace } from "@call-ledger/db/read";
import type { Log, OutageLog } from "@call-ledger/process";
import { outageLog, repeating } from "@call-ledger/process";
import type { Response } from "express";
import { ApiProblem } from "../mount/api-problem.ts";
import { idOfPlace } from "./change-place.ts";
import type { EventStream } from "./event-stream.ts";
import { keptPlace, openEventStream, serverSentEvent } from "./event-stream.ts";

export type CallStreamPorts = {
  /** Reads the changes since a place, of one organization or (`null`) of all. Throws the errors of the database. */
  changesSince(question: {
    readonly orgId: string | null;
    readonly since: ChangePlace | null;
    readonly max: number;
  }): Promise<CallChanges>;
  /** Returns those of these credentials that are not valid any more. */
  lapsed(credentialIds: readonly string[]): Promise<readonly string[]>;
  /** Whether the process is stopping. Then streams end, so that the shutdown does not wait for them. */
  isStopping(): boolean;
  readonly log: Log;
};

export type CallStreams = {
  /**
   * Begins a stream of an organization's calls from a place or (`null`) from now. `unknown`: the client's place cannot
   * be read, so the client is told to load everything again. Throws ApiProblem and the errors of `changesSince`.
   */
  open(res: Response, caller: Follower, since: ChangePlace | "unknown" | null): Promise<void>;
  /** Called when this process has committed a change, so that the streams get it without waiting for the next poll. */
  changed(): void;
  stop(): void;
};

type Follower = { readonly orgId: string; readonly credentialId: string };

/** The interval of polls of one process. A poll is one query of an index, and there is none if nobody follows. */
const POLL_MS = 400;
const AFTER_FAILURE_MS = 1_000;
/** Streams that get no changes for so long end, so that nobody takes silence for "nothing has changed". */
const MAX_SILENCE_MS = 5_000;
/** After a booking of this process the poll waits so long, to get other bookings of the same moment too. */
const GATHER_MS = 50;
const HEARTBEAT_MS = 15_000;
/**
 * Together with the duration of a round it is below five seconds, the max time for which a credential gets events after
 * it was revoked or lost the right.
 */
const LAPSED_MS = 3_000;
const MAX_CHANGES = 10_000;
/** The max number of changes that a stream begins with. They are in memory until the client has read them. */
const MAX_PAST_CHANGES = 2_000;
const MAX_STREAMS_PER_CREDENTIAL = 10;
const MAX_STREAMS_PER_ORGANIZATION = 1_000;

type Following = Follower & {
  stream: EventStream;
  /** The changes that came while the stream was still reading the past; `null`: it is up to date. */
  early: { readonly changes: CallChange[]; reset: boolean } | null;
};

/** The streams of one process. A single reader polls for all organizations, and gives each stream its changes. */
export function callStreams(ports: CallStreamPorts): CallStreams {
  const followers = new Set<Following>();
  const outage = outageLog(ports.log, "Changes of calls cannot be read, so streams of calls get none");
  const state: ReaderState = { place: null, readAt: performance.now(), heartbeatAt: 0, lapsedAt: 0, outage };
  const loop = repeating(() => round(ports, followers, state));
  let gathering: NodeJS.Timeout | undefined;
  return {
    async open(res, caller, since) {
      refuseTooMany(followers, caller);
      // Registered before the past is read, so a change that is committed meanwhile may come twice but is never lost.
      const { follower, begin } = newFollower(res, caller, since === "unknown");
      const forget = () => followers.delete(follower);
      followers.add(follower);
      res.once("close", forget);
      try {
        if (state.place === null) {
          const here = await ports.changesSince({ orgId: null, since: null, max: MAX_CHANGES });
          state.place ??= here.place;
        }
        const { orgId } = caller;
        const known = since === "unknown" ? null : since;
        begin(await ports.changesSince({ orgId, since: known, max: MAX_PAST_CHANGES }));
        loop.hurry();
      } catch (error) {
        forget();
        throw error;
      }
    },
    changed() {
      if (followers.size === 0 || gathering !== undefined) return;
      gathering = setTimeout(() => {
        gathering = undefined;
        loop.hurry();
      }, GATHER_MS).unref();
    },
    stop() {
      clearTimeout(gathering);
      // A query that is running ends at its own deadline.
      void loop.stop();
      for (const { stream } of followers) stream.end();
    },
  };
}

type ReaderState = {
  place: ChangePlace | null;
  /** When changes were read without a failure, or when there was nobody to read them for. */
  readAt: number;
  heartbeatAt: number;
  lapsedAt: number;
  outage: OutageLog;
};

/**
 * Reads the changes, sends them to the streams, and ends streams with an invalid credential, or all if nothing can be
 * read. Returns the wait in ms.
 */
async function round(
  ports: CallStreamPorts,
  followers: ReadonlySet<Following>,
  state: ReaderState,
): Promise<number> {
  if (ports.isStopping()) for (const { stream } of followers) stream.end();
  if (followers.size === 0) {
    state.place = null;
    state.readAt = performance.now();
    return POLL_MS;
  }
  try {
    const since = state.place;
    const found = await ports.changesSince({ orgId: null, since, max: MAX_CHANGES });
    // A stream that began meanwhile may have set an earlier place. Its changes must be read from that place on.
    if (since === null) state.place ??= found.place;
    else {
      state.place = found.place;
      handOut(followers, found);
    }
    keepAlive(followers, state);
    await endLapsed(ports, followers, state);
    state.outage.worked();
    state.readAt = performance.now();
    return POLL_MS;
  } catch (error) {
    state.outage.failed(error);
    if (performance.now() - state.readAt > MAX_SILENCE_MS) for (const { stream } of followers) stream.end();
    return AFTER_FAILURE_MS;
  }
}

function handOut(followers: ReadonlySet<Following>, { changes, reset, place }: CallChanges): void {
  const byOrganization = Map.groupBy(changes, ({ orgId }) => orgId);
  for (const { orgId, stream, early } of followers) {
    const own = byOrganization.get(orgId) ?? [];
    if (early === null) sendChanges(stream, own, reset, place);
    else {
      early.changes.push(...own);
      early.reset ||= reset || early.changes.length > MAX_CHANGES;
    }
  }
}

function keepAlive(followers: ReadonlySet<Following>, state: ReaderState): void {
  if (performance.now() - state.heartbeatAt < HEARTBEAT_MS || state.place === null) return;
  state.heartbeatAt = performance.now();
  const place = keptPlace(idOfPlace(state.place));
  for (const { stream, early } of followers) if (early === null) stream.send(place);
}

async function endLapsed(
  ports: CallStreamPorts,
  followers: ReadonlySet<Following>,
  state: ReaderState,
): Promise<void> {
  if (performance.now() - state.lapsedAt < LAPSED_MS) return;
  state.lapsedAt = performance.now();
  const shown = new Set([...followers].map(({ credentialId }) => credentialId));
  const lapsed = new Set(await ports.lapsed([...shown]));
  for (const { credentialId, stream } of followers) if (lapsed.has(credentialId)) stream.end();
}

/** A stream that sends nothing before `begin`, which sends the past changes and those that came meanwhile. */
function newFollower(
  res: Response,
  { orgId, credentialId }: Follower,
  isLost: boolean,
): { readonly follower: Following; begin(past: CallChanges): void } {
  const early: NonNullable<Following["early"]> = { changes: [], reset: isLost };
  const follower: Following = {
    orgId,
    credentialId,
    stream: { send: () => undefined, end: () => void res.destroy() },
    early,
  };
  return {
    follower,
    begin({ changes, reset, place }) {
      const stream = openEventStream(res);
      sendChanges(stream, changes, reset || early.reset, place);
      sendChanges(stream, early.changes, false, place);
      stream.send(keptPlace(idOfPlace(place)));
      follower.stream = stream;
      follower.early = null;
    },
  };
}

/** Sends changes. Only the last event has the place, so a client that is cut off before it gets all of them again. */
function sendChanges(
  stream: EventStream,
  changes: readonly CallChange[],
  reset: boolean,
  place: ChangePlace,
): void {
  const id = idOfPlace(place);
  if (reset) {
    stream.send(serverSentEvent("reset", {}, id));
    return;
  }
  const text = changes.map(({ id: call, phase, updatedAt }, index) =>
    serverSentEvent(
      "call",
      { id: call, phase, updated_at: updatedAt },
      index === changes.length - 1 ? id : null,
    ),
  );
  if (text.length > 0) stream.send(text.join(""));
}

function refuseTooMany(followers: ReadonlySet<Following>, { credentialId, orgId }: Follower): void {
  const ofCredential = [...followers].filter((one) => one.credentialId === credentialId).length;
  const ofOrganization = [...followers].filter((one) => one.orgId === orgId).length;
  if (ofCredential >= MAX_STREAMS_PER_CREDENTIAL) {
    throw tooMany(`A credential may have ${MAX_STREAMS_PER_CREDENTIAL} streams`);
  }
  if (ofOrganization >= MAX_STREAMS_PER_ORGANIZATION) {
    throw tooMany(`An organization may have ${MAX_STREAMS_PER_ORGANIZATION} streams`);
  }
}

function tooMany(rule: string): ApiProblem {
  return new ApiProblem("too_many_requests", {
    detail: `${rule} at once in a process. Close one.`,
    headers: { "retry-after": "30" },
  });
}
