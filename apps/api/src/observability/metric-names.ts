/** Every metric of ours begins with it. */
export const PREFIX = "call_ledger_";
