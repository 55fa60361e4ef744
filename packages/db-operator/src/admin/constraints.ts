import type { Owner } from "../owner.ts";

/** A named constraint of one of our tables. */
export type LedgerConstraint = {
  readonly name: string;
  /** The table's name in SQL. */
  readonly table: string;
  readonly kind: "check" | "foreign key" | "unique";
  /** Such as `CHECK ((org_id IS NOT NULL))`. */
  readonly definition: string;
  /** Whether the column refuses NULL itself, so that the constraint never decides. */
  readonly redundant: boolean;
};

/** The number of deliveries that wait because a constraint refused them. */
export type Refusals = { readonly constraint: string; readonly deliveries: number };

const KINDS: Readonly<Record<string, LedgerConstraint["kind"]>> = {
  c: "check",
  f: "foreign key",
  u: "unique",
  p: "unique",
};

/** Returns a constraint of one of our tables; `null` if there is none of that name. Throws DbError. */
export async function findConstraint(owner: Owner, name: string): Promise<LedgerConstraint | null> {
  const [row] = await owner.run(
    (sql) => sql`
    select k.conname as name, k.conrelid::regclass::text as table, k.contype as kind,
      pg_get_constraintdef(k.oid) as definition,
      pg_get_expr(k.conbin, k.conrelid) = '(' || quote_ident(a.attname) || ' IS NOT NULL)' and a.attnotnull as redundant
    from pg_constraint k
    left join pg_attribute a on a.attrelid = k.conrelid and k.conkey = array[a.attnum]
    where k.conname = ${name} and k.contype in ('c', 'f', 'u', 'p') and k.conrelid in (select call_ledger.own_tables())`,
  );
  const kind = KINDS[String(row?.kind)];
  if (row === undefined || kind === undefined) return null;
  const { table, definition } = row;
  return { name, table, kind, definition, redundant: row.redundant === true };
}

/** The statements that put a constraint back without blocking its table while existing rows are checked. */
export function constraintBack({ table, name, definition }: LedgerConstraint): string {
  return (
    `alter table ${table} add constraint ${name} ${definition.replace(/ NOT VALID$/, "")} not valid; ` +
    `alter table ${table} validate constraint ${name};`
  );
}

/** Drops a constraint, and writes the statements that add it again into its table's comment. Throws DbError. */
export async function dropConstraint(owner: Owner, constraint: LedgerConstraint): Promise<void> {
  const { table, name } = constraint;
  await owner.run(async (tx) => {
    await tx.unsafe(`alter table ${table} drop constraint ${name}`);
    const [comment] = await tx`
      select format('comment on table %s is %L', ${table}::text, concat_ws(E'\n',
        obj_description(${table}::text::regclass, 'pg_class'),
        format('%s was dropped on %s by %s. To put it back: %s', ${name}::text,
          to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), session_user,
          ${constraintBack(constraint)}::text))) as statement`;
    await tx.unsafe(String(comment?.statement));
  });
}

/** Numbers of quarantined deliveries by the constraint that refused them, the greatest first. Throws DbError. */
export async function listRefusals(owner: Owner): Promise<Refusals[]> {
  const rows = await owner.run(
    (sql) => sql`
    select substring(detail from '\\(([a-z0-9_]+)\\)$') as constraint, count(*)::int as deliveries
    from public.quarantined_deliveries
    where replayed_at is null and reason = 'refused' and detail like 'refused: 23%'
    group by 1 having substring(min(detail) from '\\(([a-z0-9_]+)\\)$') is not null order by 2 desc, 1`,
  );
  return rows.map(({ constraint, deliveries }) => ({ constraint, deliveries }));
}
