export type { BuiltApps } from "./build.apps.ts";
export { buildApps } from "./build.apps.ts";
