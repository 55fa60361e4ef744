export * from "./calls.table.ts";
export * from "./deliveries.table.ts";
export { PLATFORM_ACCOUNTS } from "./platform-accounts.ts";
export * from "./tenancy.table.ts";
