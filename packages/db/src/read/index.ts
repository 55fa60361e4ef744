export type { LedgerStatus } from "./ledger-status.query.ts";
export { readLedgerStatus } from "./ledger-status.query.ts";
