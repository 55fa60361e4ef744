export { drizzleSessions } from "../read/drizzle-session.ts";
export type { AccountContact } from "./account-contacts.ts";
export { noteAccountContacts } from "./account-contacts.ts";
export type { Account, AccountChange, AccountToAdd } from "./accounts.query.ts";
export {
  addAccount,
  changeAccount,
  changeSecrets,
  listAccounts,
  rotateAccountSecret,
  wakeWaitingRecordings,
} from "./accounts.query.ts";
export type { Administration, Change } from "./administration.ts";
export { openAdministration } from "./administration.ts";
export type { Agent, AgentChange, AgentToAdd } from "./agents.query.ts";
export {
  addAgent,
  changeAgent,
  listAgentAccounts,
  listAgents,
  ownerOfAccount,
  removeAgent,
} from "./agents.query.ts";
export type { NamedAlarm } from "./alarms.query.ts";
export { acknowledgeAlarm, listAlarmPage, listRecentAlarms, muteAlarm } from "./alarms.query.ts";
export type { SealedSettings } from "./alert-channels.query.ts";
export {
  addChannel,
  changeChannel,
  channelsOf,
  findChannel,
  queueTestMessage,
  removeChannel,
} from "./alert-channels.query.ts";
export type { Actor } from "./audit.query.ts";
export { noteChange, OPERATOR } from "./audit.query.ts";
export type { AuthenticatedKey, AuthenticatedSession, UsedLink } from "./authenticate.query.ts";
export { authenticateKey, authenticateSession, useSignInLink } from "./authenticate.query.ts";
export type { AnnotationChange } from "./call-annotations.query.ts";
export { annotateCall } from "./call-annotations.query.ts";
export type { HousekeepingRun } from "./housekeeping.query.ts";
export { readHousekeeping } from "./housekeeping.query.ts";
export type { IdempotencyKey, StoredReply } from "./idempotency.query.ts";
export { beginIdempotent, forgetIdempotent, keepReply } from "./idempotency.query.ts";
export type { StoredKey } from "./keys.query.ts";
export { addKey, changeKey, keysWithoutScope, listKeys, revokeKey } from "./keys.query.ts";
export type { AuditEntry } from "./list-audit.query.ts";
export { listAudit } from "./list-audit.query.ts";
export type { Member } from "./members.query.ts";
export {
  addOperatorLink,
  addSignInLink,
  changeMember,
  hasOtherAdmin,
  inviteMember,
  listMembers,
  removeMember,
} from "./members.query.ts";
export { readOperatorAttention } from "./operator-attention.query.ts";
export type { Organization } from "./organizations.query.ts";
export {
  addOrganization,
  changeOrganization,
  findOrganization,
  listOrganizations,
  organizationsOfCall,
} from "./organizations.query.ts";
export type { QuarantinedPayload, QuarantineSelection, WaitingDelivery } from "./quarantine.query.ts";
export {
  countWaiting,
  dropWaiting,
  findWaiting,
  groupWaiting,
  listWaiting,
  markBooked,
  oldestWaiting,
  replayTranslated,
} from "./quarantine.query.ts";
export { listRecordingsOfAll } from "./recordings.query.ts";
export type { SessionOwner } from "./sessions.query.ts";
export { listSessions, revokeSession } from "./sessions.query.ts";
export type { ShareLink } from "./share-links.query.ts";
export { listShareLinks, makeShareLink, revokeShareLink } from "./share-links.query.ts";
