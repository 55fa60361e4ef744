import type { CallChange, CallChanges, ChangePlace } from "@call-ledger/db/read";
import type { Log } from "@call-ledger/process";
import { errorFields, repeating } from "@call-ledger/process";
import type { Response } from "express";
import { ApiProblem } from "../mount/api-problem.ts";
import { idOfPlace } from "./change-place.ts";
import type { EventStream } from "./event-stream.ts";
import { keptPlace, openEventStream, serverSentEvent } from "./event-stream.ts";

export type CallStreamPorts = {
  /** The changes since a place, of one organization or (`null`) of all; throws what the database throws. */
  changesSince(question: {
    readonly orgId: string | null;
    readonly since: ChangePlace | null;
    readonly max: number;
  }): Promise<CallChanges>;
  /** Which of these credentials let nobody in any more. */
  lapsed(credentialIds: readonly string[]): Promise<readonly string[]>;
  /** The process is being stopped: streams end, so that nobody waits for them. */
  isStopping(): boolean;
  readonly log: Log;
};

export type CallStreams = {
  /** Begins a stream of an organization's calls, from a place on or (`null`) from now. Throws ApiProblem, and as `changesSince`. */
  open(res: Response, caller: Follower, since: ChangePlace | "unknown" | null): Promise<void>;
  /** This process has committed a change: it is told at once. */
  changed(): void;
  stop(): void;
};

type Follower = { readonly orgId: string; readonly credentialId: string };

/** Of one process. One query of an index, while somebody follows. */
const POLL_MS = 400;
const AFTER_FAILURE_MS = 1_000;
/** What a booking of this process waits for others of the same moment. */
const GATHER_MS = 50;
const HEARTBEAT_MS = 15_000;
/** With a round's length before it within the five seconds that a revoked credential may still be told something. */
const LAPSED_MS = 3_000;
const MAX_CHANGES = 10_000;
const MAX_STREAMS_PER_CREDENTIAL = 10;

type Following = Follower & {
  stream: EventStream;
  /** What came while the stream was still catching up; `null`: it is up to date. */
  early: { readonly changes: CallChange[]; reset: boolean } | null;
};

/** The streams of one process: a single reader asks for all organizations and hands out what has changed. */
export function callStreams(ports: CallStreamPorts): CallStreams {
  const followers = new Set<Following>();
  const state: ReaderState = { place: null, heartbeatAt: 0, lapsedAt: 0, isFailing: false };
  const loop = repeating(() => round(ports, followers, state));
  let gathering: NodeJS.Timeout | undefined;
  return {
    async open(res, caller, since) {
      refuseTooMany(followers, caller);
      // Registered before the past is read: what is committed meanwhile is told from both sides, never from none.
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
        begin(await ports.changesSince({ orgId, since: known, max: MAX_CHANGES }));
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
      // A question that is under way ends with its own deadline.
      void loop.stop();
      for (const { stream } of followers) stream.end();
    },
  };
}

type ReaderState = { place: ChangePlace | null; heartbeatAt: number; lapsedAt: number; isFailing: boolean };

/** Asks what has changed, tells the streams, ends those whose credential does not hold; returns when to go on. */
async function round(
  ports: CallStreamPorts,
  followers: ReadonlySet<Following>,
  state: ReaderState,
): Promise<number> {
  if (ports.isStopping()) for (const { stream } of followers) stream.end();
  if (followers.size === 0) {
    state.place = null;
    return POLL_MS;
  }
  try {
    const since = state.place;
    const found = await ports.changesSince({ orgId: null, since, max: MAX_CHANGES });
    // A stream that began meanwhile may have set an earlier place, from which it has to be told.
    if (since === null) state.place ??= found.place;
    else {
      state.place = found.place;
      handOut(followers, found);
    }
    keepAlive(followers, state);
    await endLapsed(ports, followers, state);
    state.isFailing = false;
    return POLL_MS;
  } catch (error) {
    if (!state.isFailing)
      ports.log.warn(errorFields(error), "Streams of calls cannot be told what has changed");
    state.isFailing = true;
    return AFTER_FAILURE_MS;
  }
}

function handOut(followers: ReadonlySet<Following>, { changes, reset, place }: CallChanges): void {
  const byOrganization = Map.groupBy(changes, ({ orgId }) => orgId);
  for (const { orgId, stream, early } of followers) {
    const own = byOrganization.get(orgId) ?? [];
    if (early === null) tell(stream, own, reset, place);
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

/** A stream that is told nothing before `begin`, which tells what is past and what came meanwhile. */
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
      tell(stream, changes, reset || early.reset, place);
      tell(stream, early.changes, false, place);
      stream.send(keptPlace(idOfPlace(place)));
      follower.stream = stream;
      follower.early = null;
    },
  };
}

/** The last event alone has the place: whoever is cut off before it is told all of them again. */
function tell(stream: EventStream, changes: readonly CallChange[], reset: boolean, place: ChangePlace): void {
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

function refuseTooMany(followers: ReadonlySet<Following>, { credentialId }: Follower): void {
  const own = [...followers].filter((one) => one.credentialId === credentialId).length;
  if (own < MAX_STREAMS_PER_CREDENTIAL) return;
  throw new ApiProblem("too_many_requests", {
    detail: `A credential may have ${MAX_STREAMS_PER_CREDENTIAL} streams at once in a process. Close one.`,
    headers: { "retry-after": "30" },
  });
}
