/** What an organization's API key may be made for, and nothing else. */
export const SCOPES = ["calls:read", "recordings:read", "agents:read", "agents:write"] as const;
export type Scope = (typeof SCOPES)[number];
