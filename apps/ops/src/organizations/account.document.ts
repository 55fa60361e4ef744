import type { ProviderAccount } from "@call-ledger/db-operator/admin";

/** Where an organization's own account sends its deliveries. */
export function webhookPath(provider: string, id: string): string {
  return `/api/webhooks/${provider}/${id}`;
}

/** An account as `--json` prints it; the platform's has its secret in the environment and no id in its path. */
export function accountDocument({
  id,
  orgId,
  provider,
  name,
  secrets,
  hasApiKey,
  createdAt,
}: ProviderAccount) {
  return {
    id,
    org_id: orgId,
    provider,
    name,
    webhook_path: orgId === null ? `/api/webhooks/${provider}` : webhookPath(provider, id),
    secrets: orgId === null ? null : secrets,
    has_api_key: orgId === null ? null : hasApiKey,
    created_at: createdAt.toISOString(),
  };
}
