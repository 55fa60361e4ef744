import { setTimeout as sleep } from "node:timers/promises";
import type { Administration } from "@call-ledger/db/access";
import { listAgents } from "@call-ledger/db/access";
import type { AccountSettings } from "@call-ledger/providers";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { SimulatedCall } from "@call-ledger/simulator";
import { WEBHOOKS } from "../../http/paths.ts";
import { reading } from "../ledger-reading.ts";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Handlers } from "../mount/handler.ts";

export type TestCallPorts = {
  readonly administration: Administration;
  /** The secrets and settings of the platform's account, with which the deliveries are signed. */
  readonly account: AccountSettings;
  /** `host:port` of the server with recordings of test calls, which `npm start` runs; `null`: there is none. */
  readonly recordingHost: string | null;
  /** The port that this server listens on. */
  readonly port: () => number;
};

const DELIVERY_MS = 15_000;
/** The shortest of so many simulated calls is played, because somebody waits for its end. */
const CANDIDATES = 16;
const UTF8 = new TextEncoder();

/**
 * Handler for test calls, in development: simulates a call, and sends its deliveries to this server like a provider.
 */
export function testCallHandlers(ports: TestCallPorts): Pick<Handlers, "sendTestCall"> {
  return {
    async sendTestCall({ caller: { orgId } }) {
      const agents = await reading(() => ports.administration.as(orgId, (db) => listAgents(db, orgId)));
      const agent = agents.find(
        ({ isPlatforms, provider, removedAt }) =>
          isPlatforms && removedAt === null && provider === DEFAULT_PROVIDER.provider,
      );
      if (agent === undefined) throw new ApiProblem("conflict", { detail: NO_AGENT });
      const call = await shortCall(agent.providerAgentId, ports.recordingHost);
      void play(call, ports).catch(() => undefined);
      return {
        provider_call_id: call.callId,
        agent_id: agent.id,
        lasts_seconds: Math.ceil(((call.deliveries.at(-1)?.atMs ?? 0) - Date.now()) / 1_000),
      };
    },
  };
}

const NO_AGENT =
  "The organization has no agent on the platform's account, so a test call would wait in quarantine. Add an agent first.";

/** A short answered call that begins now. */
async function shortCall(assistantId: string, recordingHost: string | null): Promise<SimulatedCall> {
  const { simulateCall } = await import("@call-ledger/simulator");
  const startedAt = Date.now();
  const candidates = Array.from({ length: CANDIDATES }, (_, index) =>
    simulateCall({
      seed: `test ${startedAt} ${index}`,
      assistantId,
      startedAt,
      direction: "inbound",
      outcome: "completed",
      sample: true,
      recordingHost: recordingHost ?? undefined,
    }),
  );
  const endOf = ({ deliveries }: SimulatedCall): number => deliveries.at(-1)?.atMs ?? 0;
  return candidates.reduce((one, other) => (endOf(other) < endOf(one) ? other : one));
}

/** Sends each delivery at its time, one after another, as long as the process runs. */
async function play({ deliveries }: SimulatedCall, { account, port }: TestCallPorts): Promise<void> {
  const url = `http://127.0.0.1:${port()}${WEBHOOKS}/${DEFAULT_PROVIDER.provider}`;
  for (const { atMs, body } of deliveries) {
    await sleep(Math.max(0, atMs - Date.now()), undefined, { ref: false });
    const reply = await fetch(url, {
      method: "POST",
      body,
      headers: DEFAULT_PROVIDER.sign(UTF8.encode(body), account, Date.now()),
      signal: AbortSignal.timeout(DELIVERY_MS),
    });
    await reply.arrayBuffer();
  }
}
