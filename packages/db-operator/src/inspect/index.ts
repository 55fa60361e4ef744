export type { Inspection } from "./inspection.ts";
export { openInspection } from "./inspection.ts";
export type { LayerFaults } from "./layers.query.ts";
export type { NewestEvent, Repeated } from "./ledger.query.ts";
export type { FailingStatement, MigrationTrial } from "./migration-trial.ts";
export type { SchemaDrift } from "./schema-drift.ts";
export { sqlStatements } from "./sql-statements.ts";
export type { Violation } from "./violations.query.ts";
