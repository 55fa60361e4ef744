import { channelSettingsSchema } from "@call-ledger/contract/alerts";
import { SecretUnreadable, secretBox } from "@call-ledger/credentials";
import type { ClaimedAlert } from "@call-ledger/db/alerts";
import type { WorkerSession } from "@call-ledger/db/jobs";
import type { Log } from "@call-ledger/process";
import type { ObjectStorage } from "@call-ledger/storage";
import { EgressFault } from "../egress/egress-fault.ts";
import type { Network } from "../egress/network.ts";
import { systemNetwork } from "../egress/network.ts";
import { housekeeper } from "../housekeeping/housekeeper.ts";
import { workLoop } from "../loop/work-loop.ts";
import type { WorkerConfig } from "../start/worker-config.ts";
import { housekeepingLimits } from "../start/worker-config.ts";
import { alarmsJob } from "./alarms.job.ts";
import { alertWork } from "./alert-work.ts";
import { certificateJob } from "./certificate.job.ts";
import type { SendPorts } from "./send-alert.ts";

export type AlertTiming = {
  /** The interval in which conditions are evaluated, once for the cluster. */
  readonly alarmSeconds: number;
  /** The interval in which this process checks whether alarms or messages are due. */
  readonly alertPollMs: number;
  /** The max time for sending one message. It is shorter than a lease. */
  readonly alertSendMs: number;
};

export type AlertDeps = {
  readonly config: WorkerConfig;
  readonly databaseUrl: string;
  readonly log: Pick<Log, "info" | "warn">;
  readonly session: WorkerSession;
  readonly storage: ObjectStorage;
  readonly timing?: Partial<AlertTiming>;
  /** The network to use instead of the system's. Only for tests. */
  readonly network?: Network | undefined;
  /** Certificate authorities instead of the system's, PEM. Only for tests. */
  readonly ca?: string | undefined;
};

export type Alerts = { stop(graceMs: number): Promise<void> };

const TIMING: AlertTiming = { alarmSeconds: 30, alertPollMs: 5_000, alertSendMs: 45_000 };
/** An organization has two of them (`claim_alert_deliveries`). */
const CONCURRENCY = 8;
const LEASE_SECONDS = 60;
/** The hosts of Supabase's databases and poolers. */
const SUPABASE = /\.supabase\.(?:co|com)$/;

/** Whether a database is Supabase's, which pauses those of its free plan after seven days without a query. */
export function isPausedWhenIdle(databaseUrl: string): boolean {
  return SUPABASE.test(URL.parse(databaseUrl)?.hostname ?? "");
}

/**
 * Evaluates the conditions of alarms and sends the messages. Every process of the installation may do it: one process
 * at a time evaluates, and each message is claimed.
 */
export function startAlerts(deps: AlertDeps): Alerts {
  const { config, session, storage, log, network = systemNetwork, ca } = deps;
  const timing = { ...TIMING, ...deps.timing };
  const connection = { network, rules: { hosts: [], testHosts: config.ALERT_HOSTS }, ca };
  const ledger = {
    databaseLimitMb: config.DATABASE_LIMIT_MB,
    isPausedWhenIdle: isPausedWhenIdle(deps.databaseUrl),
  };
  const isHttps = config.PUBLIC_URL?.startsWith("https:") === true;
  const jobs = [
    alarmsJob(ledger, timing.alarmSeconds),
    ...(config.PUBLIC_URL !== null && isHttps ? [certificateJob(config.PUBLIC_URL, connection)] : []),
  ];
  const ports = { session, storage, limits: housekeepingLimits(config), now: Date.now };
  const evaluating = housekeeper(jobs, ports, log, timing.alertPollMs);
  const work = alertWork({
    session,
    log,
    connection,
    settingsOf: settingsReader(config.ENCRYPTION_KEY),
    leaseSeconds: LEASE_SECONDS,
    sendMs: timing.alertSendMs,
    now: Date.now,
    chance: Math.random,
  });
  const sending = workLoop(work, { concurrency: CONCURRENCY, pollMs: timing.alertPollMs });
  return {
    async stop(graceMs) {
      await Promise.all([evaluating.stop(graceMs), sending.stop(graceMs)]);
    },
  };
}

/**
 * Opens the settings of channels. The faults are `passing`, because they end when the operator corrects the
 * environment.
 */
function settingsReader(encryptionKey: string | null): SendPorts["settingsOf"] {
  const box = encryptionKey === null ? null : secretBox(encryptionKey);
  return ({ channelId, settings }: ClaimedAlert) => {
    if (box === null || settings === null) throw unreadable("ENCRYPTION_KEY is not set");
    try {
      const text = box.open(settings, { channelId, use: "alert channel" });
      return channelSettingsSchema.parse(JSON.parse(text));
    } catch (error) {
      throw unreadable(
        error instanceof SecretUnreadable
          ? "they were encrypted with another ENCRYPTION_KEY"
          : "an older release does not know their form",
      );
    }
  };
}

function unreadable(why: string): EgressFault {
  return new EgressFault("passing", `the channel's settings cannot be read: ${why}`);
}
