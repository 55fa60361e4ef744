import { openWithToken, sealWithToken } from "@call-ledger/credentials";
import type { Administration, IdempotencyKey } from "@call-ledger/db/access";
import { beginIdempotent, forgetIdempotent, keepReply } from "@call-ledger/db/access";
import { reading } from "./ledger-reading.ts";
import type { IdempotencyPorts, IdempotentRequest } from "./mount/idempotency.ts";

/** Keeps replies encrypted with the caller's credential, because a reply can have a secret that is shown only once. */
export function keptReplies(administration: Administration): IdempotencyPorts {
  return {
    async begin(request) {
      const begun = await reading(() => beginIdempotent(administration, keyOf(request), request.requestHash));
      if (typeof begun === "string") return begun;
      return { status: begun.status, text: openWithToken(begun.response, request.token, request.key) };
    },
    async keep(request, { status, text }) {
      const response = sealWithToken(text, request.token, request.key);
      await reading(() => keepReply(administration, keyOf(request), { status, response }));
    },
    forget: (request) => reading(() => forgetIdempotent(administration, keyOf(request))),
  };
}

function keyOf({ caller, key }: IdempotentRequest): IdempotencyKey {
  return { credentialId: caller.credentialId, orgId: caller.isOperator ? null : caller.orgId, key };
}
