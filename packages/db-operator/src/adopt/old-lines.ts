import type { OldTables } from "@call-ledger/db/migrate";
import { ADOPTED, READS_ALL } from "@call-ledger/db/migrate";
import { E164 } from "@call-ledger/domain";
import type postgres from "postgres";
import { reading } from "./adoption-errors.ts";
import type { ColumnsOf } from "./columns.ts";
import { quoted, valuesIn } from "./columns.ts";

/** The number that an assistant of an organization answered, according to the old system's configuration. */
export type OldLine = {
  readonly org_id: string | null;
  readonly vapi_assistant_id: string | null;
  readonly vapi_phone_number_id: string | null;
  readonly twilio_phone_number: string | null;
};

/** The table of the assistants' numbers. It is read where it is. */
export const LINES = "inbound_agent_config";
const READ: readonly (keyof OldLine)[] = [
  "org_id",
  "vapi_assistant_id",
  "vapi_phone_number_id",
  "twilio_phone_number",
];

type LinesTable = { readonly name: string; readonly readable: boolean; readonly columns: readonly string[] };

/** `null`: there is no such table. */
async function linesTable(sql: postgres.Sql, old: OldTables): Promise<LinesTable | null> {
  const schema = old.schema === ADOPTED ? "public" : old.schema;
  const [found] = await reading(sql<{ readable: boolean; columns: string[] }[]>`
    select ${sql.unsafe(READS_ALL)} as readable,
      (select json_agg(a.attname order by a.attname) from pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname = ${LINES} and c.relkind in ('r', 'p')`);
  return found === undefined ? null : { ...found, name: `${quoted(schema)}.${LINES}` };
}

/** Returns why the numbers of the assistants cannot be read, with what to do; `null`: they can, or there are none. */
export async function unreadableLines(sql: postgres.Sql, old: OldTables): Promise<string | null> {
  const table = await linesTable(sql, old);
  if (table === null || table.readable) return null;
  return `this login may not read every row of ${LINES}, which has the numbers of the assistants: use a login with BYPASSRLS and SELECT (on Supabase: postgres), or as the table's owner run  GRANT SELECT  and  ALTER TABLE ${table.name} NO FORCE ROW LEVEL SECURITY`;
}

/** Reads the numbers of the assistants. Columns that the table does not have are `null`. */
export async function readOldLines(sql: postgres.Sql, old: OldTables): Promise<OldLine[]> {
  const table = await linesTable(sql, old);
  if (table === null) return [];
  const list = READ.map((column) =>
    table.columns.includes(column) ? `${column}::text` : `null as ${column}`,
  );
  return [
    ...(await reading(sql.unsafe<OldLine[]>(`select ${list.join(", ")} from ${table.name} order by 1, 2`))),
  ];
}

/** Where the columns of the table went; `null`: there is no such table. */
export async function columnsOfLines(
  sql: postgres.Sql,
  old: OldTables,
  lines: readonly OldLine[],
): Promise<ColumnsOf | null> {
  const table = await linesTable(sql, old);
  if (table === null) return null;
  const isRead = (column: string) => READ.some((one) => one === column);
  const wrong = lines.filter(
    ({ twilio_phone_number: number }) => /\S/.test(number ?? "") && numberOf(number) === null,
  );
  return {
    read: table.columns.filter(isRead),
    kept: [],
    left: await reading(
      valuesIn(
        sql,
        table.name,
        table.columns.filter((column) => !isRead(column)),
      ),
    ),
    unread: wrong.length === 0 ? {} : { twilio_phone_number: wrong.length },
    outvoted: {},
  };
}

/** A telephone number in E.164 form; `null`: the text is none. */
export function numberOf(text: string | null | undefined): string | null {
  const number = text?.trim() ?? "";
  return E164.test(number) ? number : null;
}
