import type { Scope } from "./scope.ts";
import { SCOPES } from "./scope.ts";

export const ROLES = ["admin", "staff", "viewer"] as const;
export type Role = (typeof ROLES)[number];

/**
 * The scopes of each role. `staff` is for the people of a business whose agents are built by somebody else: they hear
 * their calls, and see neither costs nor prompts.
 */
export const ROLE_SCOPES: Readonly<Record<Role, readonly Scope[]>> = {
  admin: SCOPES,
  staff: ["calls:read", "calls:details", "recordings:read", "agents:read"],
  viewer: ["calls:read", "agents:read"],
};
