/** Returns the path of an account's deliveries. The path of the platform's account has no id. */
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
