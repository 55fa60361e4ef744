import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { PLATFORM_ACCOUNT } from "../src/testing/index.ts";

type Ids = { readonly org: string; readonly call: string };

/** Inserts a row into each table of alarms. */
export async function alertRows(sql: postgres.Sql, { org, call }: Ids): Promise<void> {
  await sql`insert into alert_channels (id, org_id, kind, settings) values (${call}, ${org}, 'slack', 's')`;
  await sql`insert into alarms (id, condition, scope, figures, opened_at, last_seen_at)
    values (${call}, 'worker_silent', 'installation', '{}', now(), now())`;
  await sql`insert into alert_deliveries (id, channel_id, news) values (${call}, ${call}, '[]')`;
  await sql`insert into delivery_counts (provider_account_id, at) values (${PLATFORM_ACCOUNT}, '2026-03-12')`;
}

/** Returns, by constraint or unique index of these tables, a statement that violates it and no other. */
export function alertBreaks({ call }: Ids): Record<string, string> {
  return {
    alert_channels_pkey: `insert into alert_channels (id, kind) values ('${call}', 'log')`,
    alert_channels_org_id_fkey: `insert into alert_channels (org_id, kind) values ('${randomUUID()}', 'log')`,
    alert_channels_kind_known: `insert into alert_channels (kind, settings) values ('pigeon', 's')`,
    alert_channels_settings_but_for_the_log: `insert into alert_channels (kind) values ('slack')`,
    alert_channels_name_bounded: `insert into alert_channels (kind, name) values ('log', '')`,
    alarms_pkey: `insert into alarms (id, condition, scope, figures, opened_at, last_seen_at) values ('${call}', 'database_idle', 'installation', '{}', now(), now())`,
    alarms_one_open: `insert into alarms (condition, scope, figures, opened_at, last_seen_at) values ('worker_silent', 'installation', '{}', now(), now())`,
    alarms_org_id_fkey: `update alarms set org_id = '${randomUUID()}'`,
    alarms_condition_known: `update alarms set condition = 'rain'`,
    alarms_acknowledged_whole: `update alarms set acknowledged_by = 'somebody'`,
    alert_deliveries_pkey: `insert into alert_deliveries (id, channel_id, news) values ('${call}', '${call}', '[]')`,
    alert_deliveries_channel_fkey: `insert into alert_deliveries (channel_id, news) values ('${randomUUID()}', '[]')`,
    alert_deliveries_status_known: `update alert_deliveries set status = 'lost'`,
    alert_deliveries_attempts_not_negative: `update alert_deliveries set attempts = -1`,
    delivery_counts_pkey: `insert into delivery_counts (provider_account_id, at) values ('${PLATFORM_ACCOUNT}', '2026-03-12')`,
    delivery_counts_provider_account_fkey: `insert into delivery_counts (provider_account_id, at) values ('${randomUUID()}', '2026-03-12')`,
  };
}
