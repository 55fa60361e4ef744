import type { AlertVerdict, ClaimedAlert } from "@call-ledger/db/alerts";
import { claimAlerts, extendAlert, settleAlert } from "@call-ledger/db/alerts";
import type { WorkerSession } from "@call-ledger/db/jobs";
import type { Log } from "@call-ledger/process";
import { outageLog } from "@call-ledger/process";
import { EgressFault } from "../egress/egress-fault.ts";
import { withTimeLimit } from "../egress/time-limit.ts";
import type { LeasedWork } from "../loop/leased-work.ts";
import type { SendPorts } from "./send-alert.ts";
import { sendAlert } from "./send-alert.ts";

export type AlertWorkPorts = Omit<SendPorts, "log"> & {
  readonly session: WorkerSession;
  readonly log: Pick<Log, "info" | "warn">;
  /** For how long a killed process keeps the message that it was sending. */
  readonly leaseSeconds: number;
  /** The max time for sending one message. A server that answers in small parts would never end it. */
  readonly sendMs: number;
  /** Returns a random number in [0, 1). */
  chance(): number;
};

const FIRST_RETRY_SECONDS = 15;
const LONGEST_RETRY_SECONDS = 900;
/** A message that was not accepted for this time is dropped. The message of an alarm that lasts is repeated anyway. */
const KEPT_SECONDS = 86_400;

/**
 * Sends messages to channels. A message that is not accepted is tried again for a day. The log says so once for each
 * channel.
 */
export function alertWork(ports: AlertWorkPorts): LeasedWork<ClaimedAlert, AlertVerdict["verdict"]> {
  const { session, log, leaseSeconds } = ports;
  const failing = new Set<string>();
  const outage = outageLog(log, "Alerts cannot be sent at the moment");
  const say = ({ channelId: channel, kind }: ClaimedAlert, ended: AlertVerdict) => {
    const { verdict, reason: why } = ended;
    if (verdict === "sent" && why === null) {
      if (failing.delete(channel)) log.info({ channel, kind }, "An alert channel accepts messages again");
    } else if (why !== null && !failing.has(channel)) {
      failing.add(channel);
      log.warn(
        { channel, kind, why },
        verdict === "sent"
          ? "An alert channel does not reach all its receivers."
          : "An alert channel refuses a message. It is sent again later.",
      );
    }
  };
  return {
    leaseMs: leaseSeconds * 1_000,
    async claim(max) {
      const alerts = await session.run((sql) => claimAlerts(sql, { max, leaseSeconds }));
      outage.worked();
      return alerts;
    },
    async run(alert, signal) {
      const ended = await attempt(alert, ports, signal);
      if (ended === null) return null;
      if (!(await session.run((sql) => settleAlert(sql, alert, ended)))) return null;
      say(alert, ended);
      return ended.verdict;
    },
    extend: (alert) => session.run((sql) => extendAlert(sql, alert, leaseSeconds)),
    release: (alert) =>
      session.run((sql) => settleAlert(sql, alert, { verdict: "pending", reason: null, retrySeconds: 0 })),
    onError: outage.failed,
  };
}

/** Returns `null` if the attempt was interrupted. */
async function attempt(
  alert: ClaimedAlert,
  ports: AlertWorkPorts,
  signal: AbortSignal,
): Promise<AlertVerdict | null> {
  const limit = { ms: ports.sendMs, reason: "the server takes too long" };
  try {
    const reason = await withTimeLimit(limit, signal, (limited) => sendAlert(alert, ports, limited));
    return { verdict: "sent", reason };
  } catch (error) {
    if (signal.aborted) return null;
    return afterFault(alert, error, ports.chance());
  }
}

/**
 * Returns when to try again: exponential from 15 s to 15 minutes with up to 50 % of jitter. The receiver's Retry-After
 * is a lower bound.
 */
export function afterFault(
  { attempts, lastsSeconds }: Pick<ClaimedAlert, "attempts" | "lastsSeconds">,
  error: unknown,
  chance: number,
): AlertVerdict {
  const fault = error instanceof EgressFault ? error : null;
  const reason = fault?.reason ?? "an unexpected error";
  if (lastsSeconds >= KEPT_SECONDS) return { verdict: "failed", reason };
  const exponential = Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS);
  const wished = Math.min((fault?.retryAfterMs ?? 0) / 1_000, LONGEST_RETRY_SECONDS);
  const retrySeconds = Math.ceil(Math.max(exponential * (0.5 + chance / 2), wished));
  return { verdict: "pending", reason, retrySeconds };
}
