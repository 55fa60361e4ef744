import { OverShare, QueueFull } from "./fair-queue.ts";
import { WaitedTooLong } from "./smart-batch.ts";

/** `code` is a SQLSTATE or a driver's code, never a value. */
class LedgerError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** The ledger cannot be written at the moment. */
export class LedgerUnavailable extends LedgerError {
  override readonly name = "LedgerUnavailable";
}

/** The ledger answered, but not as this code expects: a fault of ours. */
export class LedgerFault extends LedgerError {
  override readonly name = "LedgerFault";
}

/**
 * An account has more deliveries waiting than its share while others wait too, or has used up its budget. A later
 * attempt can succeed.
 */
export class AccountOverShare extends Error {
  override readonly name = "AccountOverShare";
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds = 5) {
    super();
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Throws the ledger's error for an item that a queue has refused, and any other error unchanged. */
export function refusedByQueue(error: unknown): never {
  if (error instanceof OverShare) throw new AccountOverShare();
  if (error instanceof QueueFull) throw new LedgerUnavailable("QUEUE_FULL");
  if (error instanceof WaitedTooLong) throw new LedgerUnavailable("WAITED_TOO_LONG");
  throw error;
}
