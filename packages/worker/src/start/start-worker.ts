import { randomUUID } from "node:crypto";
import { openPool } from "@call-ledger/db/client";
import { DbError } from "@call-ledger/db/errors";
import type { WorkerSession } from "@call-ledger/db/jobs";
import {
  claimRecordings,
  extendRecording,
  releaseRecording,
  sendHeartbeat,
  settleRecording,
  storeRecording,
  wakeWaitingRecordings,
  workerSession,
} from "@call-ledger/db/jobs";
import type { Log } from "@call-ledger/process";
import { errorFields, repeating } from "@call-ledger/process";
import type { ObjectStorage } from "@call-ledger/storage";
import { recordingStorage, SettingsRefused } from "@call-ledger/storage";
import type { AlertTiming } from "../alerts/start-alerts.ts";
import { startAlerts } from "../alerts/start-alerts.ts";
import { guardedFetch } from "../egress/guarded-fetch.ts";
import type { Network } from "../egress/network.ts";
import { systemNetwork } from "../egress/network.ts";
import { housekeeper } from "../housekeeping/housekeeper.ts";
import { HOUSEKEEPING_JOBS } from "../housekeeping/housekeeping-jobs.ts";
import type { WorkLoop } from "../loop/work-loop.ts";
import { workLoop } from "../loop/work-loop.ts";
import { recordingWork } from "../recordings/recording-work.ts";
import type { UploadOutcome, UploadPorts } from "../recordings/upload-recording.task.ts";
import { accountAccess } from "./account-access.ts";
import { listenWherePossible } from "./listening.ts";
import { startReconciler } from "./reconciler.ts";
import type { WorkerConfig } from "./worker-config.ts";
import { housekeepingLimits, sourceRules, workerProblems } from "./worker-config.ts";

/** The log of the process that the worker runs in; fields never hold a URL, a number or a transcript. */
export type WorkerLog = Pick<Log, "info" | "warn">;

export type WorkerTiming = {
  /** Uploads at once; each keeps 5 MiB in memory. */
  readonly concurrency: number;
  /** How long a killed worker's job stays its own. */
  readonly leaseSeconds: number;
  /** How often an idle worker looks when nobody wakes it. */
  readonly pollMs: number;
  readonly heartbeatMs: number;
  /** How often it looks which housekeeping, and which account's comparison, is due. */
  readonly housekeepingMs: number;
};

export type WorkerDeps = {
  readonly config: WorkerConfig;
  /** As the application logs in. */
  readonly databaseUrl: string;
  readonly log: WorkerLog;
  readonly timing?: Partial<WorkerTiming & AlertTiming>;
  /** Other than the system's: for tests alone. */
  readonly network?: Network;
  /** Certificate authorities in place of the system's, PEM: for tests alone. */
  readonly ca?: string;
};

export type Worker = {
  /** Recordings were queued by this process: look at once. */
  wake(): void;
  /** Whether recordings could be stored when last asked; asked again with each heartbeat. */
  storageReachable(): boolean;
  /** Attempts of this worker so far, by verdict. */
  uploads(): Readonly<Record<UploadOutcome, number>>;
  /** Claims nothing more, finishes what it can within `graceMs`, gives the other leases back. */
  stop(graceMs: number): Promise<void>;
};

const TIMING: WorkerTiming = {
  concurrency: 3,
  leaseSeconds: 40,
  pollMs: 1_000,
  heartbeatMs: 15_000,
  housekeepingMs: 30_000,
};
const STATEMENT_MS = 5_000;
const MAX_BYTES = 1_073_741_824;
const IDLE_MS = 30_000;
const SLOW_AFTER_MS = 30_000;
/** A worker whose uploads have not moved for so many leases says no more that it is well. */
const STALLED_LEASES = 3;
const BOOKING_ATTEMPTS = 10;
const BOOKING_PAUSE_MS = 500;
/** What is left of a stop's grace for giving back leases and closing. */
const CLOSING_MS = 1_500;

/** Starts the background work of this process. Throws SettingsRefused; a database that is away is waited for. */
export function startWorker(deps: WorkerDeps): Worker {
  const problems = workerProblems(deps.config);
  if (problems.length > 0) throw new SettingsRefused(problems.join("; "));
  const timing = { ...TIMING, ...deps.timing };
  const storage = recordingStorage(deps.config);
  const pool = openPool(deps.databaseUrl, { max: timing.concurrency + 3, name: "call-ledger worker" });
  const session = workerSession(pool, STATEMENT_MS);
  const did: Record<UploadOutcome, number> = {
    stored: 0,
    retried: 0,
    waiting: 0,
    failed: 0,
    expired: 0,
    lost: 0,
  };

  const progress = progressSince(STALLED_LEASES * timing.leaseSeconds * 1_000);
  const loop = recordingLoop(deps, { session, storage, timing, did, progress });
  const wakeUps = listenWherePossible(deps, pool, loop.wake);
  const signs = signsOfLife(deps, { session, storage, loop, did, progress, everyMs: timing.heartbeatMs });
  const housekeepingPorts = { session, storage, limits: housekeepingLimits(deps.config), now: Date.now };
  const housekeeping = housekeeper(HOUSEKEEPING_JOBS, housekeepingPorts, deps.log, timing.housekeepingMs);
  const alerts = startAlerts({ ...deps, session, storage });
  const reconciler = startReconciler({ ...deps, ...timing, pool, session });
  return {
    wake: loop.wake,
    storageReachable: signs.storageReachable,
    uploads: () => did,
    async stop(graceMs) {
      const timeoutMs = Math.max(0, graceMs - CLOSING_MS);
      const ending = [housekeeping, alerts, loop, reconciler].map((one) => one.stop(timeoutMs));
      await Promise.all([wakeUps.stop(), ...ending]);
      signs.stop();
      await pool.close(CLOSING_MS);
    },
  };
}

type Running = {
  readonly session: WorkerSession;
  readonly storage: ObjectStorage;
  readonly timing: WorkerTiming;
  readonly did: Record<UploadOutcome, number>;
  readonly progress: Progress;
};

type Progress = { made(): void; isStalled(): boolean };

function progressSince(limitMs: number): Progress {
  let madeAt = performance.now();
  return {
    made() {
      madeAt = performance.now();
    },
    isStalled: () => performance.now() - madeAt > limitMs,
  };
}

function recordingLoop(deps: WorkerDeps, { session, storage, timing, did, progress }: Running): WorkLoop {
  const { leaseSeconds, concurrency } = timing;
  let failing = false;
  // The hosts that are allowed may be others than before the process started.
  let asksWaiting = true;
  const work = recordingWork({
    ...uploadPorts(deps, session, storage, leaseSeconds),
    onProgress: progress.made,
    leaseSeconds,
    maxPerOrg: Math.max(1, concurrency - 1),
    async claim(turn) {
      if (asksWaiting) await wakeWaitingRecordings(session);
      asksWaiting = false;
      const jobs = await claimRecordings(session, { ...turn, leaseSeconds });
      if (jobs.length > 0) progress.made();
      failing = false;
      return jobs;
    },
    release: (job) => releaseRecording(session, job),
    onEnd(job, outcome) {
      did[outcome] += 1;
      progress.made();
      if (outcome === "failed" || outcome === "expired") {
        deps.log.warn({ job: job.id, call: job.callId, outcome }, "A recording was given up");
      }
    },
    onError(error) {
      if (!failing) deps.log.warn(errorFields(error), "Background work is interrupted");
      failing = true;
    },
  });
  return workLoop(work, timing);
}

function uploadPorts(
  { config, log, network = systemNetwork, ca }: WorkerDeps,
  session: WorkerSession,
  storage: ObjectStorage,
  leaseSeconds: number,
): Omit<UploadPorts, "onProgress"> {
  const connection = { network, rules: sourceRules(config), ca };
  return {
    fetch: (request, signal) => guardedFetch(request, connection, signal),
    storage,
    accessOf: accountAccess(config, session),
    extend: (job) => extendRecording(session, job, leaseSeconds),
    store: (job, object) => withRetries(() => storeRecording(session, job, object)),
    settle: (job, failure) => withRetries(() => settleRecording(session, job, failure)),
    maxBytes: MAX_BYTES,
    pace: {
      idleMs: IDLE_MS,
      slowAfterMs: SLOW_AFTER_MS,
      minBytesPerSecond: config.RECORDING_MIN_KB_PER_SECOND * 1_000,
    },
    now: Date.now,
    chance: Math.random,
    onUnexpected: (error) => log.warn(errorFields(error), "A recording met an unexpected error"),
  };
}

/** What was fetched is not fetched again because the database was busy or away for a moment. */
async function withRetries(book: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await book();
    } catch (error) {
      if (!(error instanceof DbError && error.kind === "unavailable") || attempt === BOOKING_ATTEMPTS)
        throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, BOOKING_PAUSE_MS));
  }
}

type Signs = { storageReachable(): boolean; stop(): void };

/** Heartbeats for `/health`, as long as uploads move, and whether the storage answers. */
function signsOfLife(
  { log }: WorkerDeps,
  {
    session,
    storage,
    loop,
    did,
    progress,
    everyMs,
  }: Omit<Running, "timing"> & { readonly loop: WorkLoop; readonly everyMs: number },
): Signs {
  const name = `worker:${randomUUID()}`;
  let reachable = false;
  let failing = false;
  let stalled = false;
  const probing = repeating(async () => {
    reachable = await storage.reachable();
    return everyMs;
  });
  const heartbeats = repeating(async () => {
    const isStalled = loop.running() > 0 && progress.isStalled();
    if (isStalled && !stalled) log.warn({ running: loop.running() }, "Uploads of recordings do not move");
    stalled = isStalled;
    if (isStalled) return everyMs;
    try {
      await sendHeartbeat(session, name, { running: loop.running(), ...did });
      failing = false;
    } catch (error) {
      if (!failing) log.warn(errorFields(error), "The worker cannot say that it is alive");
      failing = true;
    }
    return everyMs;
  });
  return {
    storageReachable: () => reachable,
    stop() {
      // What is under way may take longer than the grace.
      void probing.stop();
      void heartbeats.stop();
    },
  };
}
