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
