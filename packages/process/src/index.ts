export type { Alert } from "./alert.ts";
export { createAlert } from "./alert.ts";
export { errorFields } from "./error-fields.ts";
export type { Log } from "./log.ts";
export { createLog } from "./log.ts";
export type { Repeating } from "./repeating.ts";
export { repeating } from "./repeating.ts";
