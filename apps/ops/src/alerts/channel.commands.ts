import { setTimeout as sleep } from "node:timers/promises";
import { channelsOf, OPERATOR, queueTestMessage, removeChannel } from "@call-ledger/db/access";
import type { Owner } from "@call-ledger/db-operator/admin";
import { asOperator, readAlertDelivery, withOwner } from "@call-ledger/db-operator/admin";
import { command, failure } from "../cli/command.ts";
import { listResult } from "../cli/list-result.ts";
import { duration, oneId } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

const CHANNEL = { what: "channel", shownBy: "alerts channels" } as const;

export const alertsChannelsCommand = command({
  about:
    "Shows the channels: those of the operator, which get every alarm, and those of organizations, which get their own. " +
    "FAILING SINCE: since this time the channel accepts no message; sending is retried. WHY without it: the newest " +
    "message did not reach all receivers.",
  options: {},
  examples: ["alerts channels", "alerts channels --json"],

  async run(_options, { env }) {
    const channels = await asOperator(ownerUrl(env), (db) => channelsOf(db));
    return listResult(channels, {
      columns: {
        ID: ({ id }) => id,
        KIND: ({ kind }) => kind,
        ORGANIZATION: ({ orgId }) => orgId,
        NAME: ({ name }) => name,
        HOST: ({ host }) => host,
        "LAST SENT": ({ lastSentAt }) => lastSentAt,
        "FAILING SINCE": ({ failingSince }) => failingSince,
        WHY: ({ lastError }) => lastError,
      },
      none: "No channels.",
    });
  },
});

export const alertsRemoveCommand = command({
  about: "Removes a channel, and the messages that it has not accepted. The log cannot be removed.",
  options: {},
  values: "ID",
  examples: ["alerts remove 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711"],

  async run(_options, { env }, values) {
    const id = oneId(values, CHANNEL);
    const removed = await asOperator(ownerUrl(env), (db) => removeChannel(db, OPERATOR, id));
    if (removed === null)
      throw failure(`There is no channel ${id} to remove; alerts channels shows the channels.`);
    return { document: { id }, text: ["Removed."] };
  },
});

const WAIT_MS = 30_000;
const LOOK_MS = 200;

export const alertsTestCommand = command({
  about:
    "Sends a test message to one channel, or to all. A worker sends it from the same queue as alarms, so its arrival shows " +
    "that alarms arrive too. Waits for the result. Exit code 1 if a channel has not accepted it.",
  options: { wait: { value: "TIME", about: "how long to wait for a worker; default 30s", parse: duration } },
  values: "[ID]",
  examples: ["alerts test", "alerts test 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --wait 1m"],

  async run({ wait = WAIT_MS }, { env, now }, values) {
    const channelId = values.length === 0 ? null : oneId(values, CHANNEL);
    const ids = await asOperator(ownerUrl(env), async (db) => {
      const queued: string[] = [];
      for (const channel of await channelsOf(db)) {
        if (channelId === null || channel.id === channelId)
          queued.push(await queueTestMessage(db, OPERATOR, channel));
      }
      return queued;
    });
    if (ids.length === 0) throw failure("There is no such channel; alerts channels shows the channels.");
    return withOwner(ownerUrl(env), async (owner) => {
      const until = now() + wait;
      const results = [];
      for (const id of ids) results.push(await testResult(owner, id, () => now() >= until));
      const isTaken = ({ status, reason }: TestResult) => status === "sent" && reason === null;
      const taken = results.filter(isTaken).length;
      return {
        document: results,
        text: [
          `${taken} of ${ids.length} accepted.`,
          ...results.filter((one) => !isTaken(one)).map(({ reason }) => `Not accepted: ${reason}`),
        ],
        exitCode: taken === ids.length ? 0 : 1,
      };
    });
  },
});

type TestResult = { readonly id: string; readonly status: string; readonly reason: string | null };

/** Returns the state of a message after its first attempt, or when the time is over. */
async function testResult(owner: Owner, id: string, isOver: () => boolean): Promise<TestResult> {
  for (;;) {
    const found = await readAlertDelivery(owner, id);
    if (found === null) return { id, status: "gone", reason: "its channel was removed" };
    if (found.status !== "pending" || found.reason !== null) return { id, ...found };
    if (isOver()) {
      return { id, status: found.status, reason: "no worker has sent it yet; see housekeeping list" };
    }
    await sleep(LOOK_MS);
  }
}
