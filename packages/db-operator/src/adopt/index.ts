export type { AdoptionResult } from "./adopt.ts";
export { AdoptionError, AdoptionStopped, adopt } from "./adopt.ts";
export type { Counts } from "./tally.ts";
