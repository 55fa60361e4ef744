import { createHash } from "node:crypto";
import type { Digest } from "@call-ledger/domain";

/** SHA-256 of a UTF-8 text as base64url without padding, 43 characters. */
export const sha256: Digest = (text) => createHash("sha256").update(text, "utf8").digest("base64url");
