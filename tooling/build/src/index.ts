export type { BuiltApps } from "./build.apps.ts";
export { buildApps, HEAP_OPTIONS } from "./build.apps.ts";
