import type { ChannelKind } from "@call-ledger/domain";
import type { Owner } from "../owner.ts";

/** A channel to add. Its settings are encrypted for its id. */
export type AlertChannelToAdd = {
  readonly id: string;
  /** `null`: a channel of the operator, which gets every alarm. */
  readonly orgId: string | null;
  readonly kind: Exclude<ChannelKind, "log">;
  readonly name: string | null;
  /** The server that gets its messages. */
  readonly host: string;
  readonly settings: Uint8Array;
};

/**
 * Adds a channel. Throws DbError with the constraint's name: `alert_channels_org_id_fkey`,
 * `alert_channels_name_bounded`.
 */
export async function addAlertChannel(owner: Owner, channel: AlertChannelToAdd): Promise<void> {
  await owner.run(
    (sql) => sql`
    insert into alert_channels (id, org_id, kind, name, host, settings)
    values (${channel.id}, ${channel.orgId}, ${channel.kind}, ${channel.name}, ${channel.host},
      ${Buffer.from(channel.settings)})`,
  );
}

/** Removes a channel and its unsent messages. `false`: there is no such channel, or it is the log. Throws DbError. */
export async function removeAlertChannel(owner: Owner, id: string): Promise<boolean> {
  const removed = await owner.run(
    (sql) => sql`delete from alert_channels where id = ${id} and kind <> 'log' returning id`,
  );
  return removed.length > 0;
}

/** The state of a message; `null`: it was deleted. Throws DbError. */
export async function readAlertDelivery(
  owner: Owner,
  id: string,
): Promise<{ readonly status: string; readonly reason: string | null } | null> {
  const [row] = await owner.run(
    (sql) => sql<{ status: string; reason: string | null }[]>`
    select status, last_error as reason from alert_deliveries where id = ${id}`,
  );
  return row ?? null;
}
