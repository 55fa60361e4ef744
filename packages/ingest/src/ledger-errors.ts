import { OverShare, QueueFull } from "./fair-queue.ts";
import { WaitedTooLong } from "./smart-batch.ts";

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

/** An account has more waiting than its share while others wait as well, or has used up its budget: it may try again later. */
export class AccountOverShare extends Error {
  override readonly name = "AccountOverShare";
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds = 5) {
    super();
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What a queue says of an item that it did not take, in the ledger's words; anything else is thrown as it is. */
export function notTaken(error: unknown): never {
  if (error instanceof OverShare) throw new AccountOverShare();
  if (error instanceof QueueFull) throw new LedgerUnavailable("QUEUE_FULL");
  if (error instanceof WaitedTooLong) throw new LedgerUnavailable("WAITED_TOO_LONG");
  throw error;
}
