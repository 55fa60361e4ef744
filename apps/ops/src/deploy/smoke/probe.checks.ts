import type { Probe, ProbeRows } from "@call-ledger/db-operator/admin";
import type { AccountSettings } from "@call-ledger/providers";
import type { SimulatedCall } from "@call-ledger/simulator";
import { simulateCall } from "@call-ledger/simulator";
import type { Sent } from "../../simulation/send-delivery.ts";
import { adviceOnRefusal, sendDelivery, webhookUrl } from "../../simulation/send-delivery.ts";
import { timesOf } from "../../simulation/simulated-time.ts";
import type { Check, Finding } from "../checks/check.ts";

/** A server, its database, and the state of the probe call. */
export type ProbeInputs = {
  readonly server: URL;
  readonly probe: Probe;
  readonly account: AccountSettings;
  readonly program: string;
  now(): number;
  /** Set after the reserved organization was created. */
  call?: SimulatedCall;
};

/** The order matters. */
export const PROBE_CHECKS: readonly Check<ProbeInputs>[] = [
  {
    id: "probe_prepared",
    expected: "the reserved organization and its agent, used by this run only",
    async run(inputs) {
      const { probe, now } = inputs;
      if (!(await probe.reserve())) {
        return { ok: false, found: "another smoke runs on this database", next: "Wait until it has ended." };
      }
      const left = await probe.prepare();
      inputs.call = probeCall(probe.providerAgentId, now());
      return {
        ok: true,
        found: `organization and agent made${left === 0 ? "" : `, after removing ${left} rows of an interrupted run`}`,
      };
    },
  },
  {
    id: "valid_webhook_processed",
    needs: "probe_prepared",
    expected: "each delivery of the probe call gets 200 applied",
    run: async (inputs) => sentFinding(inputs, await sendAll(inputs), "applied"),
  },
  {
    id: "duplicate_webhook_skipped",
    needs: "valid_webhook_processed",
    expected: "each delivery, sent again, gets 200 duplicate",
    run: async (inputs) => sentFinding(inputs, await sendAll(inputs), "duplicate"),
  },
  {
    id: "probe_booked_once",
    needs: "valid_webhook_processed",
    expected: "one row in calls, call_tracking and call_logs, ended; one event per delivery",
    run: async (inputs) => {
      const call = callOf(inputs);
      return rowsFinding(await inputs.probe.rowsOf(call.callId), call.deliveries.length);
    },
  },
];

export const CLEANED_UP: Check<ProbeInputs> = {
  id: "probe_cleaned_up",
  expected: "no row of the reserved organization is left",
  async run({ probe, program }) {
    const removed = await probe.remove();
    const left = await probe.remove();
    return {
      ok: left === 0,
      found: `${removed} rows removed, ${left} left`,
      next: `${program} smoke again removes them.`,
    };
  },
};

/** Returns a call from a browser that nobody answered. It has no phone number and no recording. */
function probeCall(assistantId: string, now: number): SimulatedCall {
  return simulateCall({
    seed: now,
    assistantId,
    startedAt: timesOf(now).startedAt,
    direction: "web",
    outcome: "canceled",
  });
}

function callOf({ call }: ProbeInputs): SimulatedCall {
  if (call === undefined) throw new Error("the probe was not prepared");
  return call;
}

async function sendAll(inputs: ProbeInputs): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  for (const delivery of callOf(inputs).deliveries) {
    const at = { account: inputs.account, now: inputs.now() };
    sent.push(await sendDelivery(webhookUrl(inputs.server), delivery, at));
  }
  return sent;
}

function sentFinding({ program }: ProbeInputs, sent: readonly Sent[], wanted: string): Finding {
  const other = sent.find(({ status, outcome }) => status !== 200 || outcome !== wanted);
  return {
    ok: other === undefined,
    found:
      other === undefined
        ? `${sent.length} of ${sent.length} ${wanted}`
        : `${other.type}: ${other.status} ${other.outcome ?? ""}`.trimEnd(),
    next: adviceOn(other, program),
  };
}

function adviceOn(sent: Sent | undefined, program: string): string {
  if (sent?.status === 401) return adviceOnRefusal(sent);
  if (sent?.outcome === "quarantined") {
    return "The server does not know the probe's agent: does it use another database than the one named here?";
  }
  if (sent?.status === 503)
    return `The server does not reach its database in time: ${program} verify, then its log.`;
  return `Check the server's log, and run ${program} verify. If this release is the cause, go back to the previous one.`;
}

function rowsFinding(rows: ProbeRows, deliveries: number): Finding {
  const { calls, tracking, logs, events, uploads, quarantined, phase } = rows;
  const once = calls === 1 && tracking === 1 && logs === 1 && events === deliveries && phase === "ended";
  return {
    ok: once && uploads === 0 && quarantined === 0,
    found: `calls ${calls}, call_tracking ${tracking}, call_logs ${logs}, events ${events} of ${deliveries}, phase ${phase ?? "none"}`,
    next: "Does the server use the same database? If it does, take it off the network, because it books wrongly.",
  };
}
