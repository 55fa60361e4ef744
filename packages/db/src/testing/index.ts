export type { GeneratedDelivery, OrganizationFixture } from "./generated-calls.ts";
export {
  createOrganizationFixture,
  deliveryToBook,
  expectedState,
  generatedCall,
  inOrganization,
  KNOWN_FACTS,
  PLATFORM_ACCOUNT,
  sampleCalls,
} from "./generated-calls.ts";
export type { CallRows } from "./ledger-rows.ts";
export { expectedRows, rowsOf } from "./ledger-rows.ts";
export type { TestDatabase } from "./test-database.ts";
export { copyOf, emptyDatabase, testDatabase } from "./test-database.ts";
