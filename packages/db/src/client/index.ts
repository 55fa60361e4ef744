export { boundedTransaction } from "./bounded-transaction.ts";
export { ownerConnection } from "./owner-connection.ts";
export type { Pool, PoolOptions, PoolUsage } from "./pool.ts";
export { openPool } from "./pool.ts";
export { behindPooler, sharesSessions } from "./pooler.ts";
