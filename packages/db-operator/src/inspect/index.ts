export type { NewestEvent, Repeated } from "./guide.query.ts";
export type { Inspection } from "./inspection.ts";
export { openInspection } from "./inspection.ts";
export type { LayerFaults } from "./layers.query.ts";
export type { SchemaDrift } from "./schema-drift.ts";
export { sqlStatements } from "./sql-statements.ts";
export type { Violation } from "./violations.query.ts";
