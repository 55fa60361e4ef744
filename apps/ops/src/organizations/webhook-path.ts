/** Where an account's deliveries go; the platform's account has no id in its path. */
export function webhookPath({
  id,
  orgId,
  provider,
}: {
  readonly id: string;
  readonly orgId: string | null;
  readonly provider: string;
}): string {
  const platform = `/api/webhooks/${provider}`;
  return orgId === null ? platform : `${platform}/${id}`;
}
