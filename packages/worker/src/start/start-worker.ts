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
import { errorFields, outageLog, repeating } from "@call-ledger/process";
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
import { housekeepingLimits, recordingHostRules, workerProblems } from "./worker-config.ts";

/** The log of the worker's process. Its fields never contain a URL, a number or a transcript. */
export type WorkerLog = Pick<Log, "info" | "warn">;

export type WorkerTiming = {
  /** The number of uploads at once. Each keeps 5 MiB in memory. */
  readonly concurrency: number;
  /** For how long a killed worker keeps its job. */
  readonly leaseSeconds: number;
  /** The interval in which an idle worker looks for jobs if nothing wakes it. */
  readonly pollMs: number;
  readonly heartbeatMs: number;
  /** The interval in which it looks for due housekeeping jobs and comparisons. */
  readonly housekeepingMs: number;
};

export type WorkerDeps = {
  readonly config: WorkerConfig;
  /** The URL with the application's login. */
  readonly databaseUrl: string;
  readonly log: WorkerLog;
  readonly timing?: Partial<WorkerTiming & AlertTiming>;
  /** The network to use instead of the system's. Only for tests. */
  readonly network?: Network;
  /** Certificate authorities instead of the system's, PEM. Only for tests. */
  readonly ca?: string;
};

export type Worker = {
  /** Looks for jobs now, because this process has queued recordings. */
  wake(): void;
  /** Returns whether recordings could be stored at the last check. Each heartbeat checks again. */
  storageReachable(): boolean;
  /** Returns the number of this worker's attempts so far, by verdict. */
  uploads(): Readonly<Record<UploadOutcome, number>>;
  /** Claims nothing more, finishes running jobs within `graceMs`, and gives the other leases back. */
  stop(graceMs: number): Promise<void>;
};

/** After so many seconds another process may take the work of a killed one. */
export const LEASE_SECONDS = 40;

const TIMING: WorkerTiming = {
  concurrency: 3,
  leaseSeconds: LEASE_SECONDS,
  pollMs: 1_000,
  heartbeatMs: 15_000,
  housekeepingMs: 30_000,
};
const STATEMENT_MS = 5_000;
const MAX_BYTES = 1_073_741_824;
const IDLE_MS = 30_000;
const SLOW_AFTER_MS = 30_000;
/** A worker whose uploads have not progressed for this number of leases stops its heartbeat. */
const STALLED_LEASES = 3;
const BOOKING_ATTEMPTS = 10;
const BOOKING_PAUSE_MS = 500;
/** The part of a stop's grace that is reserved for giving back leases and closing. */
const CLOSING_MS = 1_500;

/** Starts the background work of this process. Waits for a database that is away. Throws SettingsRefused. */
export function startWorker(deps: WorkerDeps): Worker {
  const problems = workerProblems(deps.config).map(({ variable, problem }) => `${variable} ${problem}`);
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
  const running: Running = { session, storage, timing, did, progress };
  const loop = recordingLoop(deps, running);
  const wakeUps = listenWherePossible(deps, pool, loop.wake);
  const signs = signsOfLife(deps, loop, running);
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
  const outage = outageLog(deps.log, "Background work is interrupted");
  // The allowed hosts may have changed since the last start of the process.
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
      outage.worked();
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
    onError: outage.failed,
  });
  return workLoop(work, timing);
}

function uploadPorts(
  { config, log, network = systemNetwork, ca }: WorkerDeps,
  session: WorkerSession,
  storage: ObjectStorage,
  leaseSeconds: number,
): Omit<UploadPorts, "onProgress"> {
  const connection = { network, rules: recordingHostRules(config), ca };
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

/**
 * Repeats the booking if the database was busy or away for a moment, so that a fetched recording need not be fetched
 * again.
 */
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

/** Sends heartbeats for `/health` as long as uploads progress, and checks whether the storage answers. */
function signsOfLife({ log }: WorkerDeps, loop: WorkLoop, running: Running): Signs {
  const { session, storage, did, progress } = running;
  const everyMs = running.timing.heartbeatMs;
  const name = `worker:${randomUUID()}`;
  let reachable = false;
  const outage = outageLog(log, "The worker cannot send its heartbeat");
  let stalled = false;
  const probing = repeating(async () => {
    reachable = await storage.reachable();
    return everyMs;
  });
  const heartbeats = repeating(async () => {
    const isStalled = loop.running() > 0 && progress.isStalled();
    if (isStalled && !stalled)
      log.warn({ running: loop.running() }, "Uploads of recordings make no progress");
    stalled = isStalled;
    if (isStalled) return everyMs;
    try {
      await sendHeartbeat(session, name, { running: loop.running(), ...did });
      outage.worked();
    } catch (error) {
      outage.failed(error);
    }
    return everyMs;
  });
  return {
    storageReachable: () => reachable,
    stop() {
      // The running check may take longer than the grace.
      void probing.stop();
      void heartbeats.stop();
    },
  };
}
