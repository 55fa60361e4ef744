export type { AdoptionResult } from "./adopt.ts";
export { AdoptionError, AdoptionStopped, adopt } from "./adopt.ts";
export { FATES } from "./dependents.ts";
export type { Counts } from "./tally.ts";
