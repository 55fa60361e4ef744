export { callEvent, callFacts } from "./call-stories.ts";
export { sha256 } from "./sha256.digest.ts";
