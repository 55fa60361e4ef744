import type { Organization } from "@call-ledger/db/admin";

/** An organization as `--json` prints it. */
export function organizationDocument({ id, name, createdAt }: Organization) {
  return { id, name, created_at: createdAt.toISOString() };
}
