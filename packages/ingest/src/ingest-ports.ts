import type { DeliveryOutcome, DeliveryToRecord } from "@call-ledger/db/write";
import type { Instant } from "@call-ledger/domain";
import type { Credential, ProviderAdapter } from "@call-ledger/providers";

/**
 * Books one delivery: resolves after the commit of its own events, whoever else's events travel with them.
 * `spentMs` of the sender's time are gone already.
 * Throws LedgerUnavailable when it may be tried again, LedgerFault when that would change nothing; in both cases
 * the delivery has to come again.
 */
export type BookDelivery = (delivery: DeliveryToRecord, spentMs: number) => Promise<DeliveryOutcome>;

/** The account that an endpoint belongs to. */
export type ReceivingAccount = { readonly id: string; readonly credential: Credential };

export type IngestPorts = {
  adapterOf(provider: string): ProviderAdapter | null;
  /**
   * The account of an endpoint, by the id in its path; `null` in the path is the platform's own. `null`: no such account.
   * Throws LedgerUnavailable when it cannot be told which.
   */
  accountOf(provider: string, accountId: string | null): Promise<ReceivingAccount | null>;
  readonly book: BookDelivery;
  now(): Instant;
};

/** The ledger cannot be written at the moment. `code` is a SQLSTATE or a driver's code, never a value. */
export class LedgerUnavailable extends Error {
  override readonly name = "LedgerUnavailable";
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** The ledger answered, but not as this code expects: a fault of ours. `code` as in LedgerUnavailable. */
export class LedgerFault extends Error {
  override readonly name = "LedgerFault";
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}
