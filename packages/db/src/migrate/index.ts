export type { MigrateReport } from "./migrate.ts";
export { MigrationError, migrate } from "./migrate.ts";
