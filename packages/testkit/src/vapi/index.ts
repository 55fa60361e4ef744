export type { FakeVapi, FakeVapiOptions } from "./fake-vapi.ts";
export { fakeVapi } from "./fake-vapi.ts";
export type { VapiSettings } from "./settings.ts";
export type { JsonObject, VapiSnapshot } from "./snapshots.ts";
export { snapshotsOf } from "./snapshots.ts";
