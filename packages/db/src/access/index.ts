export type { Administration, Change } from "./administration.ts";
export { openAdministration } from "./administration.ts";
export type { AuthenticatedKey, AuthenticatedSession, UsedLink } from "./authenticate.query.ts";
export { authenticateKey, authenticateSession, useSignInLink } from "./authenticate.query.ts";
export type { IdempotencyKey, StoredReply } from "./idempotency.query.ts";
export { beginIdempotent, forgetIdempotent, keepReply } from "./idempotency.query.ts";
export type { Organization } from "./organizations.query.ts";
export { findOrganization } from "./organizations.query.ts";
