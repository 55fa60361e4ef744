import type { Organization } from "@call-ledger/db-operator/admin";

/** An organization as `--json` prints it. */
export function organizationDocument({ id, name, createdAt }: Organization) {
  return { id, name, created_at: createdAt.toISOString() };
}
