export type { MissingOrganizations, NewestEvent, Repeated } from "./guide.query.ts";
export type { Inspection } from "./inspection.ts";
export { openInspection } from "./inspection.ts";
export type { LayerFaults } from "./layers.query.ts";
