/** The beginning of the name of every metric. */
export const PREFIX = "call_ledger_";
