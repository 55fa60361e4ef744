import { SQLSTATE } from "@call-ledger/db/errors";
import postgres from "postgres";

/** Objects of others that prevent dropping our objects, in Postgres' own words. */
export class ForeignObjects extends Error {
  override readonly name = "ForeignObjects";
}

/**
 * Drops every object of the product in this database, in an order that their dependencies allow. No other object is
 * dropped with them: if an object of others depends on one of ours, ForeignObjects is thrown with its name.
 */
export async function dropOwnObjects(tx: postgres.TransactionSql): Promise<void> {
  let left = await ownObjects(tx);
  for (;;) {
    const refused: Refused[number][] = [];
    for (const object of left) {
      const why = await dropped(tx, object);
      if (why !== null) refused.push({ object, why });
    }
    if (refused.length === 0) return;
    if (refused.length === left.length) throw new ForeignObjects(foreignAmong(refused));
    left = refused.map(({ object }) => object);
  }
}

type Refused = readonly { readonly object: string; readonly why: string }[];

/** The objects of others that depend on ours, from Postgres' details, which name one dependent a line. */
function foreignAmong(refused: Refused): string {
  const lines = [...new Set(refused.flatMap(({ why }) => why.split("\n")))];
  const foreign = lines.filter((line) => {
    const [subject = ""] = line.split(" depends on ");
    return !refused.some(({ object }) => subject.endsWith(object));
  });
  return foreign.join(", ");
}

/** Tries to drop an object; `null`: it was dropped. */
async function dropped(tx: postgres.TransactionSql, object: string): Promise<string | null> {
  try {
    await tx.savepoint((sp) => sp.unsafe(`drop ${object} restrict`));
    return null;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError && error.code === SQLSTATE.dependentObjectsStillExist))
      throw error;
    return error.detail ?? error.message;
  }
}

/** Our objects in the form of DROP. The schema comes last. */
async function ownObjects(tx: postgres.TransactionSql): Promise<string[]> {
  const rows = await tx`
    with own_schema as (select oid from pg_namespace where nspname = 'call_ledger')
    select 1 as place, format('function %s', p.oid::regprocedure) as object
    from pg_proc p
    where p.pronamespace in (select oid from own_schema)
       or (p.pronamespace = 'public'::regnamespace and p.proowner::regrole::text = 'call_ledger_definer')
    union all
    select 2, format('table %s', c.oid::regclass) from pg_class c
    where c.relkind in ('r', 'p') and (c.relnamespace in (select oid from own_schema)
       or c.oid in (select call_ledger.own_tables()))
    union all
    select 3, format('type %s', t.oid::regtype) from pg_type t
    where (t.typnamespace in (select oid from own_schema) and t.typtype in ('c', 'e', 'd')
        and not exists (select from pg_class c where c.oid = t.typrelid and c.relkind <> 'c'))
       or t.oid = to_regtype('public.call_phase')
    union all
    select 4, format('schema %I', 'call_ledger') where exists (select from own_schema)
    union all
    select 5, 'table drizzle.__drizzle_migrations' where to_regclass('drizzle.__drizzle_migrations') is not null
    order by 1, 2`;
  return rows.map(({ object }) => String(object));
}

/** GRANT statements for the privileges of other roles on the product's objects, such as logins and dashboards. */
export async function grantsToOthers(tx: postgres.TransactionSql): Promise<string[]> {
  const rows = await tx`
    with own as (
      select format('function %s', p.oid::regprocedure) as object, p.proacl as acl, p.proowner as owner
      from pg_proc p
      where p.pronamespace = 'call_ledger'::regnamespace
         or (p.pronamespace = 'public'::regnamespace and p.proowner::regrole::text = 'call_ledger_definer')
      union all
      select format('table %s', c.oid::regclass), c.relacl, c.relowner from pg_class c
      where c.oid in (select call_ledger.own_tables())
         or (c.relnamespace = 'call_ledger'::regnamespace and c.relkind in ('r', 'p'))
      union all
      select format('schema %I', n.nspname), n.nspacl, n.nspowner from pg_namespace n where n.nspname = 'call_ledger')
    select format('grant %s on %s to %I%s', a.privilege_type, o.object, r.rolname,
      case when a.is_grantable then ' with grant option' else '' end) as statement
    from own o cross join lateral aclexplode(o.acl) a join pg_roles r on r.oid = a.grantee
    where a.grantee <> o.owner and r.rolname !~ '^(call_ledger_(definer|writer|reader|worker|operator)|anon|authenticated)$'
    order by 1`;
  return rows.map(({ statement }) => String(statement));
}

/** Grants privileges again. Grants on objects that an older schema does not have are left out. */
export async function grantAgain(tx: postgres.TransactionSql, grants: readonly string[]): Promise<void> {
  for (const grant of grants) {
    await tx
      .savepoint((sp) => sp.unsafe(grant))
      .catch((error: unknown) => {
        const gone = error instanceof postgres.PostgresError && /^(42P01|42883|42704)$/.test(error.code);
        if (!gone) throw error;
      });
  }
}
