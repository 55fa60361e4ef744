/** What an organization's API key may be made for, and nothing else. A member's role is a named set of these. */
export const SCOPES = [
  /** Lists and summaries. */
  "calls:read",
  /** Transcript, timeline, analysis. */
  "calls:details",
  "recordings:read",
  "costs:read",
  /** System messages and the agent's configuration. */
  "prompts:read",
  /** Stored deliveries. */
  "payloads:read",
  /** Tags, note, external reference, shared links, replay. */
  "calls:write",
  "agents:read",
  "agents:write",
  "members:write",
  "keys:write",
  "alerts:write",
  "webhooks:write",
] as const;
export type Scope = (typeof SCOPES)[number];
