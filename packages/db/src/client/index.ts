export { ownerConnection } from "./owner-connection.ts";
export type { DbErrorKind } from "./pg-error.ts";
export { DbError, SQLSTATE, throwingDbErrors, toDbError, worthRepeating } from "./pg-error.ts";
export type { Pool, PoolOptions, PoolUsage } from "./pool.ts";
export { openPool } from "./pool.ts";
export { behindPooler, sharesSessions } from "./pooler.ts";
