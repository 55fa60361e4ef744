import { isUuid } from "@call-ledger/domain";
import { and, asc, desc, eq, inArray, lt, lte, sql } from "drizzle-orm";
import { callAnnotations } from "../schema/access.table.ts";
import { callLogs, calls, callTracking } from "../schema/calls.table.ts";
import { callTranscripts } from "../schema/conversation.table.ts";
import { processedWebhookEvents } from "../schema/deliveries.table.ts";
import { agents, organizations } from "../schema/organizations.table.ts";
import { PLATFORM_ACCOUNTS } from "../schema/platform-accounts.ts";
import { recordingUploadQueue } from "../schema/recordings.table.ts";
import { bytesBefore, documentText, MAX_BYTES } from "./columns.ts";
import { summaryColumns } from "./list-calls.query.ts";
import type { Queries } from "./reader.ts";
import { recordingColumns } from "./recording-columns.ts";
import { readPromptsOf } from "./stored-events.query.ts";

/** Finds one of the organization's calls by our id or the provider's, and returns our id; `null` if there is none. */
export async function findCall(db: Queries, orgId: string, call: string): Promise<string | null> {
  // Both look-ups use an index. The providers are named, so that the index of provider and call can be used.
  const [ours] = isUuid(call)
    ? await db
        .select({ id: calls.id })
        .from(calls)
        .where(and(eq(calls.orgId, orgId), eq(calls.id, call)))
    : [];
  if (ours !== undefined) return ours.id;
  const [theirs] = await db
    .select({ id: calls.id })
    .from(calls)
    .where(
      and(
        eq(calls.orgId, orgId),
        inArray(calls.provider, Object.keys(PLATFORM_ACCOUNTS)),
        eq(calls.providerCallId, call),
      ),
    )
    .orderBy(asc(calls.provider))
    .limit(1);
  return theirs?.id ?? null;
}

/** The parts of a call to read beside its summary and its recordings. */
export type CallParts = {
  readonly details: boolean;
  readonly costs: boolean;
  readonly prompts: boolean;
  /** Whether the details of a report name the destination of a forwarded call. The event is then not read for it. */
  namesDestination(provider: string, details: string): boolean;
};

/**
 * Reads one call with its stored parts; documents are JSON texts in the provider's words. Returns `null` if there is
 * none. `id` is ours.
 */
export async function readCall(db: Queries, orgId: string, id: string, parts: CallParts) {
  const [call] = await db
    .select({
      ...summaryColumns,
      timeZone: organizations.timeZone,
      organizationName: organizations.name,
      ourNumber: callTracking.ourNumber,
      carrierCallId: calls.carrierCallId,
      providerAccountId: calls.providerAccountId,
      ringingAt: callTracking.ringingAt,
      answeredAt: callTracking.answeredAt,
      awaitsReport: sql<boolean>`${calls.awaitsReport} is true`,
      summary: callLogs.summary,
      note: callAnnotations.note,
      externalUrl: callAnnotations.externalUrl,
      recordingStoragePath: calls.recordingStoragePath,
    })
    .from(calls)
    .innerJoin(organizations, eq(organizations.id, calls.orgId))
    .leftJoin(callTracking, and(eq(callTracking.orgId, calls.orgId), eq(callTracking.id, calls.id)))
    .leftJoin(callLogs, and(eq(callLogs.orgId, calls.orgId), eq(callLogs.id, calls.id)))
    .leftJoin(agents, and(eq(agents.orgId, calls.orgId), eq(agents.id, calls.agentId)))
    .leftJoin(
      callAnnotations,
      and(eq(callAnnotations.orgId, calls.orgId), eq(callAnnotations.callId, calls.id)),
    )
    .where(and(eq(calls.orgId, orgId), eq(calls.id, id)));
  if (call === undefined) return null;
  return {
    ...call,
    recordings: await recordingsOfCall(db, orgId, id),
    details: parts.details ? await readDetails(db, orgId, call, parts) : null,
    costs: parts.costs ? await readCosts(db, orgId, id) : null,
    prompts: parts.prompts ? await readPromptsOf(db, orgId, id) : null,
  };
}

async function recordingsOfCall(db: Queries, orgId: string, id: string) {
  return db
    .select(recordingColumns)
    .from(recordingUploadQueue)
    .where(and(eq(recordingUploadQueue.orgId, orgId), eq(recordingUploadQueue.callId, id)))
    .orderBy(
      sql`array_position(array['mono', 'stereo', 'customer', 'assistant'], ${recordingUploadQueue.channel})`,
    );
}

/** The values for a call without a row of the report layer. */
const NO_REPORT = {
  transcript: null,
  messages: null,
  analysis: null,
  details: null,
  metadata: null,
};

/**
 * Reads the conversation and the report's documents. `forwarding` is what an event says of the destination of a
 * forwarded call, if the report does not name it.
 */
async function readDetails(
  db: Queries,
  orgId: string,
  { id, provider, forwardedTo }: { id: string; provider: string; forwardedTo: string | null },
  { namesDestination }: CallParts,
) {
  const [report] = await db
    .select({
      transcript: callLogs.transcript,
      messages: documentText(callLogs.messages),
      analysis: documentText(callLogs.analysis),
      details: documentText(callLogs.details),
      metadata: documentText(callTracking.metadata),
    })
    .from(callLogs)
    .leftJoin(callTracking, and(eq(callTracking.orgId, callLogs.orgId), eq(callTracking.id, callLogs.id)))
    .where(and(eq(callLogs.orgId, orgId), eq(callLogs.id, id)));
  const isNamed = report?.details != null && namesDestination(provider, report.details);
  return {
    ...(report ?? NO_REPORT),
    forwarding: forwardedTo === null || isNamed ? null : await readForwarding(db, orgId, id),
    segments: await readSegments(db, orgId, id),
  };
}

/** Reads the details of the last event that said that the call was put through; `null`: none said so. */
async function readForwarding(db: Queries, orgId: string, id: string): Promise<string | null> {
  const event = processedWebhookEvents;
  const ofCall = and(
    eq(event.orgId, calls.orgId),
    eq(event.provider, calls.provider),
    eq(event.providerCallId, calls.providerCallId),
  );
  const [found] = await db
    .select({ details: documentText(event.details) })
    .from(calls)
    .innerJoin(event, ofCall)
    .where(and(eq(calls.orgId, orgId), eq(calls.id, id), eq(event.phase, "forwarding")))
    .orderBy(desc(event.receivedAt))
    .limit(1);
  return found?.details ?? null;
}

/** The max number of segments, which is the max number of items of a conversation. */
const MAX_SEGMENTS = 5_000;

/** Reads the live transcript, up to about 4 MB. */
async function readSegments(db: Queries, orgId: string, id: string) {
  const order = sql`coalesce(${callTranscripts.occurredAt}, ${callTranscripts.createdAt}),
    ${callTranscripts.createdAt}, ${callTranscripts.fingerprint}`;
  const sized = db
    .select({
      role: callTranscripts.role,
      text: callTranscripts.text,
      occurredAt: callTranscripts.occurredAt,
      place: sql<number>`row_number() over (order by ${order})`.as("place"),
      before: bytesBefore(callTranscripts.text, order).as("before"),
    })
    .from(callTranscripts)
    .where(and(eq(callTranscripts.orgId, orgId), eq(callTranscripts.callId, id)))
    .as("sized");
  return db
    .select({ role: sized.role, text: sized.text, occurredAt: sized.occurredAt })
    .from(sized)
    .where(and(lt(sized.before, MAX_BYTES), lte(sized.place, MAX_SEGMENTS)))
    .orderBy(asc(sized.place));
}

async function readCosts(db: Queries, orgId: string, id: string) {
  const [report] = await db
    .select({ breakdown: documentText(callLogs.costBreakdown) })
    .from(callLogs)
    .where(and(eq(callLogs.orgId, orgId), eq(callLogs.id, id)));
  return { breakdown: report?.breakdown ?? null };
}
