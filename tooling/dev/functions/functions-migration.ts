import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ownerConnection } from "@call-ledger/db/client";
import { migrate } from "@call-ledger/db/migrate";

/** The changes that a migration has to make to the functions. Names have no schema and are in alphabetical order. */
export type FunctionChanges = {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** The statements, without those at the end of every migration; `null` if there is no change. */
  readonly sql: string | null;
};

type Deployed = {
  readonly signature: string;
  readonly definition: string;
  readonly result: string;
  readonly isDefiner: boolean;
};

type Database = ReturnType<typeof ownerConnection>;

/** The SQLSTATE for a function that cannot be replaced because its result type differs. */
const RESULT_CHANGED = "42P13";

/** Ends a transaction that was only a trial. */
class RolledBack extends Error {}

/**
 * Compares the functions that the migrations create with the files of `functions`, one file for each function.
 * `scratchUrl` is a database that may be changed: it is migrated with `migrations`. Throws an Error that names the file
 * if the file is not valid SQL, does not create the function of its name, or changes a function's arguments.
 */
export async function functionChanges(
  scratchUrl: string,
  { functions, migrations }: { readonly functions: string; readonly migrations: string },
): Promise<FunctionChanges> {
  await migrate(scratchUrl, { folder: migrations });
  const sources = new Map(
    readdirSync(functions)
      .filter((file) => file.endsWith(".sql"))
      .toSorted()
      .map((file) => [file.slice(0, -".sql".length), readFileSync(join(functions, file), "utf8")]),
  );
  const sql = ownerConnection(scratchUrl, "call-ledger functions");
  try {
    const before = await deployedIn(sql, { written: false });
    const after = await createdBy(sql, sources, before);
    const names = [...sources.keys()];
    assertSound(names, before, after);
    const added = names.filter((name) => !before.has(name));
    const changed = names.filter(
      (name) => before.has(name) && before.get(name)?.definition !== after.get(name)?.definition,
    );
    const removed = [...before.keys()].filter((name) => !sources.has(name)).toSorted();
    const touched = names.filter((name) => added.includes(name) || changed.includes(name));
    // Postgres cannot change the result type of a function. Such a function is dropped, and loses its owner and its
    // grants.
    const replaced = changed.filter((name) => before.get(name)?.result !== after.get(name)?.result);
    const statements = [
      ...[...removed, ...replaced].map((name) => `drop function ${before.get(name)?.signature};`),
      ...touched.map((name) => sources.get(name)?.trim() ?? ""),
      ...ownership([...added, ...replaced].flatMap((name) => after.get(name) ?? [])),
    ];
    return { added, changed, removed, sql: statements.length === 0 ? null : statements.join("\n\n") };
  } finally {
    await sql.end();
  }
}

/**
 * Returns the functions by name; with `written`, only those that the transaction created or replaced. Its savepoints
 * have greater transaction ids.
 */
async function deployedIn(
  sql: Pick<Database, "unsafe">,
  { written }: { readonly written: boolean },
): Promise<Map<string, Deployed>> {
  const rows = await sql.unsafe(`
    select p.proname as name, p.prosecdef as definer, pg_get_functiondef(p.oid) as definition,
      pg_get_function_result(p.oid) as result,
      format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) as signature
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('public', 'call_ledger')
    ${written ? "and p.xmin::text::bigint >= pg_current_xact_id()::text::bigint" : ""} order by 1`);
  return new Map(
    rows.map((row) => [
      String(row.name),
      {
        signature: String(row.signature),
        definition: String(row.definition),
        result: String(row.result),
        isDefiner: row.definer === true,
      },
    ]),
  );
}

/** Returns the functions that the files create. The transaction is rolled back. */
async function createdBy(
  sql: Database,
  sources: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, Deployed>,
): Promise<Map<string, Deployed>> {
  let created = new Map<string, Deployed>();
  try {
    await sql.begin(async (tx) => {
      for (const [name, text] of sources) {
        const run = () => tx.savepoint((part) => part.unsafe(text));
        const cannotBeRun = (error: Error) => {
          throw new Error(`${name}.sql cannot be run: ${error.message}`);
        };
        await run().catch(async (error: Error & { code?: string }) => {
          const old = before.get(name);
          if (old === undefined || error.code !== RESULT_CHANGED) return cannotBeRun(error);
          await tx.unsafe(`drop function ${old.signature}`);
          await run().catch(cannotBeRun);
        });
      }
      created = await deployedIn(tx, { written: true });
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
  return created;
}

function assertSound(
  names: readonly string[],
  before: ReadonlyMap<string, Deployed>,
  after: ReadonlyMap<string, Deployed>,
): void {
  for (const name of names) {
    const [old, created] = [before.get(name)?.signature, after.get(name)?.signature];
    if (created === undefined) throw new Error(`${name}.sql does not create a function of that name.`);
    if (old !== undefined && old !== created) {
      throw new Error(
        `${name}.sql changes a signature: ${old} to ${created}. Add a function with another name.`,
      );
    }
  }
}

/**
 * Returns statements that give the definer those new or dropped functions that run with their owner's rights. The
 * definer needs CREATE only for that moment.
 */
function ownership(added: readonly Deployed[]): string[] {
  const definers = added.filter(({ isDefiner }) => isDefiner);
  const own = definers.map(({ signature }) => `alter function ${signature} owner to call_ledger_definer;`);
  const strangers = "select call_ledger.revoke_from_strangers();";
  if (own.length === 0) return added.length === 0 ? [] : [strangers];
  return [
    ["grant create on schema public, call_ledger to call_ledger_definer;", ...own].join("\n"),
    "revoke create on schema public, call_ledger from call_ledger_definer;",
    strangers,
    loginGrants(definers.map(({ signature }) => signature)),
  ];
}

/** Existing logins inherit nothing, so each of them is granted the functions that its role may execute. */
function loginGrants(signatures: readonly string[]): string {
  return `-- Logins that were created before inherit nothing from their roles. Who may book is the writer's, who may claim
-- recordings the worker's.
do $$
declare
  wanted record;
begin
  for wanted in
    select f.signature, r.rolname
    from unnest(array[${signatures.map((signature) => `'${signature}'`).join(", ")}]) as f (signature)
    cross join (values
      ('call_ledger_writer', 'public.record_deliveries(jsonb, bytea[])'::regprocedure),
      ('call_ledger_worker', 'call_ledger.claim_recordings_in_turn(integer, boolean, integer, uuid, uuid[], integer)'::regprocedure)
    ) as u (role, sign)
    join pg_catalog.pg_proc p on p.oid = u.sign
    cross join lateral aclexplode(p.proacl) g
    join pg_catalog.pg_roles r on r.oid = g.grantee and r.rolcanlogin
    where has_function_privilege(u.role, f.signature, 'execute')
  loop
    execute format('grant execute on function %s to %I', wanted.signature, wanted.rolname);
  end loop;
end
$$;`;
}
