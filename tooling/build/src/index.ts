export type { BuiltApps } from "./build.apps.ts";
export { buildApps, bundle, HEAP_OPTIONS } from "./build.apps.ts";
