export type { AuditAction } from "./access/audit-action.ts";
export { AUDIT_ACTIONS } from "./access/audit-action.ts";
export type { Role } from "./access/role.ts";
export { ROLE_SCOPES, ROLES } from "./access/role.ts";
export type { Scope } from "./access/scope.ts";
export { SCOPES } from "./access/scope.ts";
export type { AlarmCondition, ChannelKind, NewsKind } from "./alarm/conditions.ts";
export {
  ALARM_CONDITIONS,
  ALARM_THRESHOLDS,
  CERTIFICATE_DAYS,
  CHANNEL_KINDS,
  FULL_SHARE,
  NEWS_KINDS,
  runbookOf,
  WARNING_SHARE,
} from "./alarm/conditions.ts";
export type { AlarmFigures, AlarmReadings, AlarmSighting } from "./alarm/readings.ts";
export { alarmSightings } from "./alarm/sightings.ts";
export { alarmWords, endingWords } from "./alarm/words.ts";
export type { AttentionMark } from "./call/attention.ts";
export { ATTENTION_MARKS } from "./call/attention.ts";
export type {
  AlsoNamed,
  CallEvent,
  CallFacts,
  Channel,
  Direction,
  Instant,
  RecordingLink,
  RecordingSource,
  Report,
  TranscriptSegment,
} from "./call/call-event.ts";
export {
  CHANNELS,
  channelsKept,
  channelsNamed,
  DIRECTIONS,
  mergedTime,
  NO_FACTS,
  RECONCILED_TYPE,
  SILENT_REPORT,
  speaksOfState,
} from "./call/call-event.ts";
export type { BookableEvent, CallState } from "./call/call-state.ts";
export { mergeStates, stateOf } from "./call/call-state.ts";
export type { ConversationItem, CostPart, StoredConversation } from "./call/conversation.ts";
export { latencyOf, withLatencies } from "./call/conversation.ts";
export type { ComparedField, KnownCall, KnownReport, LackedPart } from "./call/lacked-part.ts";
export { COMPARED_FIELDS, LACKED_PARTS, lackedPart } from "./call/lacked-part.ts";
export type { AgentSighting, LiveLayer } from "./call/live-layer.ts";
export type { MissingReason } from "./call/missing-reason.ts";
export { MISSING_REASONS } from "./call/missing-reason.ts";
export type { Ending, EndingWord, Outcome } from "./call/outcome.ts";
export { ENDING_WORDS, endingRank, OUTCOMES, outcomeOfEnding } from "./call/outcome.ts";
export type { Phase } from "./call/phase.ts";
export { PHASES } from "./call/phase.ts";
export { factsInList, joinedPart, reportFields, says, saysUnder } from "./call/report-fields.ts";
export type { Document, ReportLayer } from "./call/report-layer.ts";
export { documentValue } from "./call/report-layer.ts";
export type { Digest } from "./call/report-version.ts";
export { reportVersion } from "./call/report-version.ts";
export type { StoredRecordings, Summary } from "./call/summary.ts";
export { summarize } from "./call/summary.ts";
export { E164, isTelephoneNumber, telephoneRank } from "./call/telephone-number.ts";
export type { Versioned } from "./call/versioned.ts";
export { SOURCE } from "./call/versioned.ts";
export type { EventOrigin, KeyedEvent } from "./delivery/event-id.ts";
export { eventId, keyEvents } from "./delivery/event-id.ts";
export type { QuarantineReason } from "./delivery/quarantine-reason.ts";
export { QUARANTINE_REASONS, REPLAYED_BY_DEFAULT } from "./delivery/quarantine-reason.ts";
export type { FailedUpload, UploadRetry } from "./recording/upload-retry.ts";
export { uploadRetry } from "./recording/upload-retry.ts";
export {
  boundedDollars,
  boundedIdentifier,
  boundedInstant,
  boundedJson,
  boundedSeconds,
  boundedText,
  MAX_IDENTIFIER_LENGTH,
} from "./text/bounds.ts";
export { compareBytes } from "./text/byte-order.ts";
export { canonicalJson } from "./text/canonical-json.ts";
export type { Json } from "./text/json.ts";
export { isList, mapElements, mapFields } from "./text/json.ts";
export { isPlaceholder, PLACEHOLDERS } from "./text/placeholder.ts";
export type { Prompt } from "./text/prompt.ts";
export { isPromptReference, PROMPT_HASH_LENGTH, promptReference, withPrompts } from "./text/prompt.ts";
export { isTimeZone } from "./text/time-zone.ts";
export { isUuid } from "./text/uuid.ts";
