export type { SchemaState } from "./compatibility.ts";
export { incompatibility, knownMigrations } from "./compatibility.ts";
export type { MigrateReport } from "./migrate.ts";
export { MigrationError, migrate } from "./migrate.ts";
