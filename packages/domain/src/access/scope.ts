/** All scopes that an organization's API key can have. A member's role is a named set of scopes. */
export const SCOPES = [
  /** Lists and summaries. */
  "calls:read",
  /** Transcript, timeline, analysis. */
  "calls:details",
  "recordings:read",
  "costs:read",
  /** System messages and the agent's configuration. */
  "prompts:read",
  /**
   * Stored deliveries, with the costs and the agent's configuration that they have; system messages need prompts:read.
   */
  "payloads:read",
  /** Tags, note, external reference, shared links, replay. */
  "calls:write",
  "agents:read",
  "agents:write",
  "members:write",
  "keys:write",
  "alerts:write",
  /** For outgoing webhooks, which do not exist yet. Stored keys may have it, so it stays a scope. */
  "webhooks:write",
] as const;
export type Scope = (typeof SCOPES)[number];
