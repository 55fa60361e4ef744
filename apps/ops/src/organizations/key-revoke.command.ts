import { revokeApiKeys, withOwner } from "@call-ledger/db-operator/admin";
import { command, usage } from "../cli/command.ts";
import { uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

export const keyRevokeCommand = command({
  about:
    "Revokes API keys, by their ids, for good: the next request with one of them is refused. A link to a recording that " +
    "was handed out before holds for up to five minutes. Exit code 1 when one of the ids is no key's.",
  options: {},
  values: "ID…",
  examples: ["key revoke 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711"],

  async run(_options, { env }, values) {
    const ids = [...new Set(values.map((value) => uuid(value, "The id of a key")))];
    if (ids.length === 0) throw usage("Name each key by its id; key list shows them.");
    const revoked = await withOwner(ownerUrl(env), (owner) => revokeApiKeys(owner, ids));
    const missing = ids.filter((id) => !revoked.includes(id));
    return {
      document: revoked.map((id) => ({ id })),
      text: [
        `${revoked.length} of ${ids.length} revoked.`,
        ...missing.map((id) => `There is no key ${id}; key list --all shows those there are.`),
      ],
      exitCode: missing.length > 0 ? 1 : 0,
    };
  },
});
