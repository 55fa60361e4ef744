export { gitIn } from "../preflight/git.ts";
export type { Deployment } from "./release-code.ts";
export { releaseCode, rollBackCode } from "./release-code.ts";
export { releasedCommit } from "./released-commit.ts";
