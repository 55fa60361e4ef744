export { MigrationError } from "../client/pg-error.ts";
export type { LoginUse } from "./app-login.ts";
export { createAppLogin, LOGIN_USES, LoginTaken } from "./app-login.ts";
export { appliedMigrations } from "./applied-migrations.ts";
export { applyMigrations } from "./apply-migrations.ts";
export type { SchemaState } from "./compatibility.ts";
export { describeSchema } from "./describe-schema.ts";
export type { AppliedMigration, JournalEntry } from "./journal.ts";
export { journalFault, MIGRATIONS_FOLDER, readJournal } from "./journal.ts";
export type { MigrateResult } from "./migrate.ts";
export { migrate, migrationFailure } from "./migrate.ts";
export { migrationObstacle } from "./migration-obstacle.ts";
export { JOURNAL_TABLE } from "./migration-script.ts";
export { IN_PUBLIC, LOCK_TIMEOUT, STATEMENT_TIMEOUT, urlForMigrations } from "./migration-settings.ts";
export type { MigrationState, MigrationStatus } from "./migration-status.ts";
export { migrationStatus } from "./migration-status.ts";
export type { OldTable, OldTables } from "./old-tables.ts";
export {
  ADOPTED,
  findOldTables,
  isMigrated,
  legacySchemas,
  OLD_TABLES,
  READS_ALL,
} from "./old-tables.ts";
export { assertNoOperation, holderOf, operation } from "./operation.ts";
export type { OwnNames } from "./own-names.ts";
export { namesTaken, ownNames } from "./own-names.ts";
export { schemaState } from "./schema-state.ts";
export { SHARED_ON_PURPOSE, sharedRoles } from "./shared-roles.ts";
