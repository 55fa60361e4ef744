export type { SchemaState } from "./compatibility.ts";
export type { MigrateReport } from "./migrate.ts";
export { MigrationError, migrate } from "./migrate.ts";
export type { MigrationState, MigrationStatus } from "./migration-status.ts";
export { migrationStatus } from "./migration-status.ts";
