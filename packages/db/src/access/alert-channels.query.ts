import type { ChannelKind } from "@call-ledger/domain";
import { and, asc, eq, isNull, ne, sql } from "drizzle-orm";
import { z } from "zod";
import type { AlertChannel } from "../alerts/channels.ts";
import { channelSchema } from "../alerts/channels.ts";
import { alertChannels } from "../schema/alerts.table.ts";
import type { Change } from "./administration.ts";
import type { Actor } from "./audit.query.ts";
import { noteChange } from "./audit.query.ts";

const columns = {
  id: alertChannels.id,
  orgId: alertChannels.orgId,
  kind: alertChannels.kind,
  name: alertChannels.name,
  host: alertChannels.host,
  createdAt: alertChannels.createdAt,
  lastSentAt: alertChannels.lastSentAt,
  failingSince: alertChannels.failingSince,
  lastError: alertChannels.lastError,
};

/** The server of a channel, by which people recognise it, and its settings, encrypted for its id. */
export type SealedSettings = { readonly host: string; readonly settings: Uint8Array };

/** `null`: the operator's channels, which receive every alarm. */
const ofOwner = (orgId: string | null) =>
  orgId === null ? isNull(alertChannels.orgId) : eq(alertChannels.orgId, orgId);

/**
 * Returns the channels of an organization, with `null` of the operator, or without it all, the operator's first, oldest
 * first. Throws DbError.
 */
export async function channelsOf(db: Change, orgId?: string | null): Promise<readonly AlertChannel[]> {
  const rows = await db
    .select(columns)
    .from(alertChannels)
    .where(orgId === undefined ? undefined : ofOwner(orgId))
    .orderBy(sql`${alertChannels.orgId} nulls first`, asc(alertChannels.createdAt), asc(alertChannels.id));
  return rows.map((row) => channelSchema.parse(row));
}

/** Returns `null` if the organization, or the operator, has no such channel. Throws DbError. */
export async function findChannel(
  db: Change,
  orgId: string | null,
  id: string,
): Promise<AlertChannel | null> {
  const [row] = await db
    .select(columns)
    .from(alertChannels)
    .where(and(ofOwner(orgId), eq(alertChannels.id, id)));
  return row === undefined ? null : channelSchema.parse(row);
}

/**
 * Adds a channel, and notes it. Throws DbError with the constraint's name: `alert_channels_org_id_fkey`,
 * `alert_channels_name_bounded`.
 */
export async function addChannel(
  db: Change,
  actor: Actor,
  channel: SealedSettings & {
    readonly id: string;
    readonly orgId: string | null;
    readonly kind: Exclude<ChannelKind, "log">;
    readonly name: string | null;
  },
): Promise<void> {
  await db.insert(alertChannels).values({ ...channel, settings: Buffer.from(channel.settings) });
  await noteChannel(db, actor, channel, "created", { after: noted(channel) });
}

/**
 * Changes a channel, and notes it. A field that is left out does not change. Messages that the channel has not accepted
 * are sent with its new settings at once. Throws DbError.
 */
export async function changeChannel(
  db: Change,
  actor: Actor,
  channel: AlertChannel,
  { name, sealed }: { readonly name: string | null | undefined; readonly sealed: SealedSettings | null },
): Promise<void> {
  const change = {
    ...(name === undefined ? {} : { name }),
    ...(sealed === null ? {} : { host: sealed.host, settings: Buffer.from(sealed.settings) }),
  };
  if (Object.keys(change).length > 0) {
    await db.update(alertChannels).set(change).where(eq(alertChannels.id, channel.id));
  }
  if (sealed !== null)
    await db.execute(sql`select call_ledger.hurry_alert_deliveries(${channel.id}::uuid, null)`);
  const before = noted(channel);
  const after = { ...before, ...change, ...(sealed === null ? {} : { settings: "replaced" }) };
  await noteChannel(db, actor, channel, "changed", { before, after });
}

/**
 * Removes a channel and its unsent messages, and notes it. Returns `null` if there is no such channel, or if it is the
 * log, which stays. Throws DbError.
 */
export async function removeChannel(db: Change, actor: Actor, id: string): Promise<AlertChannel | null> {
  const [row] = await db
    .delete(alertChannels)
    .where(and(eq(alertChannels.id, id), ne(alertChannels.kind, "log")))
    .returning(columns);
  if (row === undefined) return null;
  const channel = channelSchema.parse(row);
  await noteChannel(db, actor, channel, "removed", { before: noted(channel) });
  return channel;
}

/** Queues a test message, notes it, and returns its id. Throws DbError. */
export async function queueTestMessage(db: Change, actor: Actor, channel: AlertChannel): Promise<string> {
  const { id, orgId } = channel;
  await noteChannel(db, actor, channel, "tested", {});
  const [row] = await db.execute<{ id: unknown }>(
    sql`select call_ledger.queue_test_alert(${id}::uuid, ${orgId}::uuid) as id`,
  );
  return z.string().parse(row?.id);
}

function noteChannel(
  db: Change,
  actor: Actor,
  { id, orgId }: Pick<AlertChannel, "id" | "orgId">,
  what: "created" | "changed" | "removed" | "tested",
  change: { readonly before?: object; readonly after?: object },
): Promise<void> {
  return noteChange(db, { orgId, actor }, `alert_channel.${what}`, ["alert_channel", id], change);
}

const noted = ({ kind, name, host }: Pick<AlertChannel, "kind" | "name" | "host">) => ({ kind, name, host });
