export type { AdoptionResult } from "./adopt.ts";
export { adopt } from "./adopt.ts";
export { AdoptionError, AdoptionStopped, SourceFailure } from "./adoption-errors.ts";
export { FATES } from "./dependents.ts";
export type { Counts } from "./tally.ts";
