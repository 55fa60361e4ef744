import { createHash } from "node:crypto";
import type { Digest } from "../call/report-version.ts";

/** The digest that production code injects, for tests. */
export const sha256: Digest = (text) => createHash("sha256").update(text, "utf8").digest("base64url");
