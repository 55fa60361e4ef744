export type { Deployment } from "./release-code.ts";
export { releaseCode, rollBackCode } from "./release-code.ts";
