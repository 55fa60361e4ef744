import { noteAccountContacts } from "@call-ledger/db/access";
import { countDeliveries } from "@call-ledger/db/alerts";
import type { Pool } from "@call-ledger/db/client";
import type { Repeating } from "@call-ledger/process";
import { repeating } from "@call-ledger/process";
import type { FinishedRequest } from "../http/request-trace.ts";
import { accountContacts } from "../webhooks/account-contacts.ts";
import { deliveryCounts } from "../webhooks/delivery-counts.ts";

const FLUSH_MS = 5_000;
const DEADLINE_MS = 2_000;

export type CountedDeliveries = {
  finished(request: FinishedRequest): void;
  /** Writes the counts every five seconds from now on. */
  begin(): void;
  /** Writes the remaining counts. */
  stop(): Promise<void>;
};

/**
 * Counts the deliveries to this process by account and minute, for alarms, and notes when those of each account last
 * verified. Calls `seen` with each request too.
 */
export function countedDeliveries(pool: Pool, seen: CountedDeliveries["finished"]): CountedDeliveries {
  const counts = deliveryCounts({
    write: (batch) => countDeliveries(pool, batch, DEADLINE_MS),
    now: () => Date.now(),
  });
  const contacts = accountContacts({
    write: (batch) => noteAccountContacts(pool, batch, DEADLINE_MS),
    now: () => Date.now(),
  });
  const flush = async () => {
    await counts.flush();
    await contacts.flush();
  };
  let flushing: Repeating | null = null;
  return {
    finished(request) {
      seen(request);
      counts.finished(request);
      contacts.finished(request);
    },
    begin() {
      flushing = repeating(async () => {
        await flush();
        return FLUSH_MS;
      });
    },
    async stop() {
      await flushing?.stop();
      await flush();
    },
  };
}
