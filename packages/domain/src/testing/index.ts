export { callEvent, callFacts, eventSource, report, sourceOfEvent } from "./call-arbitraries.ts";
export { sha256 } from "./sha256.digest.ts";
