import { createHash, randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { SQLSTATE, toDbError } from "../client/pg-error.ts";
import { createAppLogin } from "../migrate/app-login.ts";
import { MIGRATIONS_FOLDER, readJournal } from "../migrate/journal.ts";
import { migrate } from "../migrate/migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The superuser's URL of the run's Postgres cluster. */
    readonly postgresUrl: string;
  }
}

/**
 * The database of one test file, cloned from a migrated template. None of its roles is a superuser or bypasses
 * row-level security.
 */
export type TestDatabase = {
  /** The migrator's URL: it owns everything, and sees rows as the operator. */
  readonly ownerUrl: string;
  /** The URL of the application's login. */
  readonly appUrl: string;
  /** For damage that a test does. Assertions never use it. */
  readonly superuserUrl: string;
  drop(): Promise<void>;
};

const OWNER = "call_ledger_test_owner";
const APP = "call_ledger_test_app";
const PASSWORD = "test";
const LOCK = 0x74657374;

/** Clones a migrated database on the run's cluster, or on the cluster of the given superuser URL. */
export async function testDatabase(clusterUrl: string = inject("postgresUrl")): Promise<TestDatabase> {
  return cloneOf(await templateOf(clusterUrl), clusterUrl);
}

/** Another database with what that one holds, to which nobody is connected just now; both on the run's cluster. */
export function copyOf({ superuserUrl }: TestDatabase): Promise<TestDatabase> {
  return cloneOf(new URL(superuserUrl).pathname.slice(1), inject("postgresUrl"));
}

async function cloneOf(template: string, clusterUrl: string): Promise<TestDatabase> {
  const name = `call_ledger_test_${randomBytes(6).toString("hex")}`;
  await onCluster(clusterUrl, async (sql) => {
    await sql.unsafe(`create database ${name} template ${template} owner ${OWNER} strategy file_copy`);
    // A clone does not have the grants on its template.
    await sql.unsafe(`revoke temporary on database ${name} from public`);
  });
  const url = (user: string, password: string) => {
    const target = new URL(clusterUrl);
    target.pathname = `/${name}`;
    if (user !== "") [target.username, target.password] = [user, password];
    return target.href;
  };
  return {
    ownerUrl: url(OWNER, PASSWORD),
    appUrl: url(APP, PASSWORD),
    superuserUrl: url("", ""),
    drop: () => dropDatabase(clusterUrl, name),
  };
}

/** Creates an empty database owned by the test owner, for tests that need each migration from the first on. */
export async function emptyDatabase(clusterUrl: string = inject("postgresUrl")): Promise<TestDatabase> {
  const name = `call_ledger_test_${randomBytes(6).toString("hex")}`;
  await onCluster(clusterUrl, async (sql) => {
    await ensureOwner(sql);
    await sql.unsafe(`create database ${name} owner ${OWNER}`);
  });
  const target = new URL(clusterUrl);
  target.pathname = `/${name}`;
  const superuserUrl = target.href;
  [target.username, target.password] = [OWNER, PASSWORD];
  const ownerUrl = target.href;
  target.username = APP;
  return {
    ownerUrl,
    appUrl: target.href,
    superuserUrl,
    drop: () => dropDatabase(clusterUrl, name),
  };
}

/** Postgres waits five seconds for the backends that it ends. A backend that waits for a busy disk needs longer. */
const MAX_DROP_ATTEMPTS = 15;

/** Drops a database. Throws with the connected sessions if they do not end. */
async function dropDatabase(clusterUrl: string, name: string): Promise<void> {
  await onCluster(clusterUrl, async (sql) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await sql.unsafe(`drop database ${name} with (force)`);
        return;
      } catch (error) {
        if (toDbError(error).code !== SQLSTATE.objectInUse) throw error;
        if (attempt < MAX_DROP_ATTEMPTS) continue;
        const connected =
          await sql`select pid, backend_type, application_name, state, wait_event_type, wait_event,
            now() - xact_start as transaction_age, left(query, 100) as query
          from pg_stat_activity where datname = ${name}`;
        throw new Error(`${name} is in use by ${JSON.stringify(connected)}`, { cause: error });
      }
    }
  });
}

const templates = new Map<string, Promise<string>>();

/** The template is named after the migrations. The first caller creates it, and it is kept for the run. */
function templateOf(clusterUrl: string): Promise<string> {
  const known = templates.get(clusterUrl);
  if (known !== undefined) return known;
  const making = makeTemplate(clusterUrl);
  templates.set(clusterUrl, making);
  making.catch(() => templates.delete(clusterUrl));
  return making;
}

async function makeTemplate(clusterUrl: string): Promise<string> {
  const hashes = readJournal(MIGRATIONS_FOLDER).map(({ hash }) => hash);
  const name = `call_ledger_test_template_${createHash("sha256").update(hashes.join()).digest("hex").slice(0, 12)}`;
  await onCluster(clusterUrl, async (sql) => {
    await sql.begin(async (held) => {
      await held`select pg_advisory_xact_lock(${LOCK})`;
      const [found] = await held`select from pg_database where datname = ${name} and datistemplate`;
      if (found !== undefined) return;
      await onCluster(clusterUrl, async (maker) => {
        await ensureOwner(maker);
        await maker.unsafe(`drop database if exists ${name}`);
        await maker.unsafe(`create database ${name} owner ${OWNER}`);
        const owner = new URL(clusterUrl);
        owner.pathname = `/${name}`;
        [owner.username, owner.password] = [OWNER, PASSWORD];
        await migrate(owner.href);
        await createAppLogin(owner.href, { name: APP, password: PASSWORD });
        await maker.unsafe(`alter database ${name} is_template true`);
      });
    });
  });
  return name;
}

async function ensureOwner(sql: postgres.Sql): Promise<void> {
  const [found] = await sql`select from pg_roles where rolname = ${OWNER}`;
  if (found !== undefined) return;
  await sql
    .unsafe(`create role ${OWNER} login createrole nosuperuser nobypassrls password '${PASSWORD}'`)
    .catch((error: unknown) => {
      if (!(error instanceof postgres.PostgresError && ["42710", "23505"].includes(error.code))) throw error;
    });
}

const clusters = new Map<string, postgres.Sql>();

/** A connection costs Postgres as much as the copy of a database, so it is kept for the next database. */
function onCluster<T>(clusterUrl: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const known = clusters.get(clusterUrl);
  if (known !== undefined) return work(known);
  const sql = postgres(clusterUrl, {
    max: 2,
    idle_timeout: 2,
    fetch_types: false,
    onnotice: () => undefined,
  });
  clusters.set(clusterUrl, sql);
  return work(sql);
}
