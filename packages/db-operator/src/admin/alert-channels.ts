import type { ChannelKind } from "@call-ledger/domain";
import type { Owner } from "../owner.ts";

/** Settings are encrypted for this id. */
export type AlertChannelToAdd = {
  readonly id: string;
  /** `null`: the operator's, told of every alarm. */
  readonly orgId: string | null;
  readonly kind: Exclude<ChannelKind, "log">;
  readonly name: string | null;
  /** The server that takes its messages. */
  readonly host: string;
  readonly settings: Uint8Array;
};

/** Throws DbError with the constraint's name: `alert_channels_org_id_fkey`, `alert_channels_name_bounded`. */
export async function addAlertChannel(owner: Owner, channel: AlertChannelToAdd): Promise<void> {
  await owner.run(
    (sql) => sql`
    insert into alert_channels (id, org_id, kind, name, host, settings)
    values (${channel.id}, ${channel.orgId}, ${channel.kind}, ${channel.name}, ${channel.host},
      ${Buffer.from(channel.settings)})`,
  );
}

/** Removes a channel and the messages that it has not taken; the log stays. `false`: there is no such channel. Throws DbError. */
export async function removeAlertChannel(owner: Owner, id: string): Promise<boolean> {
  const removed = await owner.run(
    (sql) => sql`delete from alert_channels where id = ${id} and kind <> 'log' returning id`,
  );
  return removed.length > 0;
}

/** How a message stands; `null`: it is gone. Throws DbError. */
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
