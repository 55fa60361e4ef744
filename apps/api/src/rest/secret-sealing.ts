import type { Config } from "@call-ledger/config";
import type { SealedFor } from "@call-ledger/credentials";
import { secretBox } from "@call-ledger/credentials";
import { ApiProblem } from "./mount/api-problem.ts";

/** Encrypts a secret for its place. Throws ApiProblem if ENCRYPTION_KEY is not set. */
export function sealed({ ENCRYPTION_KEY }: Config, secret: string, place: SealedFor): Buffer {
  if (ENCRYPTION_KEY === null) {
    throw new ApiProblem("conflict", {
      detail:
        "Secrets are kept encrypted, and ENCRYPTION_KEY is not set. Set it for the server and the worker.",
    });
  }
  return secretBox(ENCRYPTION_KEY).seal(secret, place);
}
