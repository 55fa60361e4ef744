export { type PgBouncer, startPgBouncer } from "./pgbouncer.start.ts";
export { familyOf, processStat } from "./process.family.ts";
export { findProgram } from "./program.find.ts";
export {
  COMPILE_CACHE,
  type Program,
  type Server,
  startProgram,
  startServer,
  untilOk,
} from "./program.start.ts";
export { until } from "./until.ts";
