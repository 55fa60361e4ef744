export { callEvent, callFacts, eventSource, report, sourceOfEvent } from "./call-stories.ts";
export { sha256 } from "./sha256.digest.ts";
