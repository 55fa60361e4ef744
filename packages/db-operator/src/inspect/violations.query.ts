import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DbError, toDbError } from "@call-ledger/db/errors";
import type postgres from "postgres";
import type { AddedConstraint } from "./added-constraints.ts";
import { plainName, readMigration } from "./added-constraints.ts";
import { sqlStatements } from "./sql-statements.ts";

/** Rows that a rule of a pending migration will refuse. */
export type Violation = {
  readonly migration: string;
  readonly table: string;
  readonly name: string;
  readonly kind: AddedConstraint["rule"]["kind"];
  /** The number of rows, or for `unique` of groups of equal rows. */
  readonly count: number;
  /** Ids of some of them. */
  readonly sample: readonly string[];
  /** Whether the migration changes rows of this table itself, so that they may then be valid. */
  readonly mayBeRepaired: boolean;
};

export type Violations = {
  /** The number of rules that were checked against the rows. */
  readonly compared: number;
  readonly violations: readonly Violation[];
  /** Statements that may add a rule but could not be read, with their migration. */
  readonly unread: readonly string[];
};

type Ask = <T>(query: (sql: postgres.ISql) => Promise<T>) => Promise<T>;

const SAMPLE = 5;
/** Checks the rules of the migrations against the existing rows, without a lock that blocks others. */
export async function violationsOf(ask: Ask, folder: string, tags: readonly string[]): Promise<Violations> {
  const violations: Violation[] = [];
  const unread: string[] = [];
  const [changed, made] = [new Set<string>(), new Set<string>()];
  let compared = 0;
  for (const migration of tags) {
    const read = readMigration(sqlStatements(readFileSync(join(folder, `${migration}.sql`), "utf8")));
    unread.push(...read.unread.map((words) => `${migration}: ${words}`));
    for (const table of read.changed) changed.add(table);
    for (const name of read.made) made.add(name);
    for (const added of read.added) {
      const { name, rule } = added;
      const table = plainName(added.table);
      const rows = made.has(table) ? "new" : await ask((sql) => refusedRows(sql, added)).catch(toDbError);
      if (rows === "new" || (rows instanceof DbError && speaksOf(made, rule))) continue;
      if (rows instanceof DbError && rows.kind === "unavailable") throw rows;
      if (rows instanceof DbError) unread.push(`${migration}: ${name} (${rows.code})`);
      else compared += 1;
      if (rows instanceof DbError || rows.count === 0) continue;
      violations.push({
        migration,
        table,
        name,
        kind: rule.kind,
        ...rows,
        mayBeRepaired: changed.has(table),
      });
    }
  }
  return { compared, violations, unread };
}

/** Whether a rule is about an object that a pending migration makes, so that no row can be checked yet. */
function speaksOf(made: ReadonlySet<string>, rule: AddedConstraint["rule"]): boolean {
  const words = JSON.stringify(rule).match(/\w+/g) ?? [];
  return words.some((word) => made.has(word));
}

async function refusedRows(sql: postgres.ISql, added: AddedConstraint) {
  const key = await keyOf(sql, added.table);
  const [row] = await sql.unsafe(queryOf(added, key));
  const sample: unknown = row?.sample;
  return { count: Number(row?.count ?? 0), sample: Array.isArray(sample) ? sample.map(String) : [] };
}

/** The columns that identify a row for a person: its id, else its primary key. */
async function keyOf(sql: postgres.ISql, table: string): Promise<string> {
  const rows = await sql`
    select quote_ident(a.attname) as name, a.attname = 'id' as is_id
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = ${table}::regclass and i.indisprimary order by a.attnum`;
  const id = rows.find(({ is_id }) => is_id === true);
  const columns = id === undefined ? rows.map(({ name }) => String(name)) : [String(id.name)];
  if (columns.length === 0) return `${table}.ctid::text`;
  return `concat_ws(' ', ${columns.map((name) => `${table}.${name}`).join(", ")})`;
}

/** The query that counts violations. The table has no alias, because the expression of a CHECK may use its name. */
function queryOf({ table, rule }: AddedConstraint, key: string): string {
  const rows = (condition: string) => `select count(*) as count,
    (select json_agg(id) from (select ${key} as id from ${table} where ${condition} limit ${SAMPLE}) s) as sample
    from ${table} where ${condition}`;
  switch (rule.kind) {
    case "check":
      return rows(`(${rule.expression}) is false`);
    case "not null":
      return rows(`${rule.column} is null`);
    case "required column":
      return rows("true");
    case "foreign key": {
      const known = rule.columns.map((column) => `${table}.${column} is not null`);
      const matches = rule.columns.map(
        (column, place) => `p.${rule.parentColumns[place]} = ${table}.${column}`,
      );
      const orphan = `not exists (select from ${rule.parent} p where ${matches.join(" and ")})`;
      return rows([...known, orphan].join(" and "));
    }
    case "unique": {
      const known = rule.columns.map((column) => `${column} is not null`);
      const which = [...known, ...(rule.where === null ? [] : [`(${rule.where})`])].join(" and ");
      const groups = `select min(${key}) as id from ${table} where ${which}
        group by ${rule.columns.join(", ")} having count(*) > 1`;
      return `select count(*) as count,
        (select json_agg(id) from (${groups} limit ${SAMPLE}) s) as sample from (${groups}) g`;
    }
  }
}
