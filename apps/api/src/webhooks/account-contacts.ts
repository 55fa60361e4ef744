import type { AccountContact } from "@call-ledger/db/access";
import { WEBHOOKS } from "../http/paths.ts";
import type { FinishedRequest } from "../http/request-trace.ts";

export type AccountContacts = {
  /** Takes note of a finished request, if it was a delivery to a known account. */
  finished(request: FinishedRequest): void;
  /** Writes the contacts since the last flush. If they cannot be written, they are kept for the next flush. */
  flush(): Promise<void>;
};

/**
 * Notes whether the deliveries of each account verify, which the console shows to those who connect an account. `now`
 * returns milliseconds since 1970.
 */
export function accountContacts(ports: {
  write(contacts: readonly AccountContact[]): Promise<void>;
  now(): number;
}): AccountContacts {
  const pending = new Map<string, AccountContact>();
  return {
    finished({ trace }) {
      if (!trace.route.startsWith(WEBHOOKS) || trace.account === undefined) return;
      const accountId = trace.account;
      const before = pending.get(accountId) ?? {
        accountId,
        verifiedAt: null,
        refusedAt: null,
        refusal: null,
      };
      const contact =
        trace.outcome === "refused"
          ? { ...before, refusedAt: ports.now(), refusal: trace.reason ?? null }
          : { ...before, verifiedAt: ports.now() };
      pending.set(accountId, contact);
    },
    async flush() {
      if (pending.size === 0) return;
      const contacts = [...pending.values()];
      pending.clear();
      try {
        await ports.write(contacts);
      } catch {
        for (const contact of contacts)
          if (!pending.has(contact.accountId)) pending.set(contact.accountId, contact);
      }
    },
  };
}
