import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { createAppLogin, migrate } from "@call-ledger/db/migrate";
import {
  type Cluster,
  clusterHolder,
  provisionDatabase,
  reachableFolder,
  startCluster,
} from "@call-ledger/local-postgres";
import { DEMO_ASSISTANT, seedDemo } from "./demo.seed.ts";
import { loadState, saveState } from "./local.state.ts";
import { portProblem } from "./port.check.ts";
import { readyMessage } from "./start.message.ts";
import { LOOPBACK, type StartPlan, StartRefusal } from "./start.plan.ts";
import { say, timed } from "./step.output.ts";

/** The name of the file with the api's log, in the folder of the state. */
export const API_LOG = "api.log";

/** The settings of the api, and the message that is printed when it is ready. */
export type Prepared = {
  readonly env: Record<string, string>;
  /** Undefined in production, where nobody reads it. `recordings`: `host:port` of the recordings of simulated calls. */
  readonly message?: (recordings?: string) => string;
};

/** Throws StartRefusal when no server could listen on the port. */
export async function refuseTakenPort(port: number, stateFolder: string): Promise<void> {
  const problem = await portProblem(port);
  if (problem === undefined) return;
  if (problem !== "EADDRINUSE") throw new StartRefusal(`Port ${port} cannot be used (${problem}).`);
  const wanted = join(stateFolder, "postgres");
  const holder = existsSync(wanted) ? clusterHolder(reachableFolder(wanted)) : undefined;
  const who = holder === undefined ? "" : `; process ${holder} runs call-ledger from this folder`;
  throw new StartRefusal(`Port ${port} is in use${who}. Choose another: PORT=${port + 1} npm start`);
}

/**
 * Does all steps before the api: starts the database, migrates its schema, seeds the demo. `started`: called with our
 * own Postgres as soon as it runs, so that it is stopped if a later step fails.
 */
export async function prepare(
  plan: StartPlan,
  env: Record<string, string>,
  stateFolder: string,
  started: (cluster: Cluster) => void,
): Promise<Prepared> {
  if (plan.kind === "production") return { env };
  const stateFile = join(stateFolder, "local.json");
  const state = loadState(stateFile);
  const secret = plan.secret ?? state.webhookSecret;
  const { LISTEN_HOST = LOOPBACK } = env;
  const facts = {
    host: LISTEN_HOST,
    port: plan.port,
    secret: plan.secret === undefined ? secret : null,
    userAgent: env.npm_config_user_agent ?? "",
    log: relative(process.cwd(), join(stateFolder, API_LOG)),
  };
  if (plan.kind === "given-database") {
    await migrateWithWords(plan.ownerUrl);
    return {
      env: { ...env, LISTEN_HOST, VAPI_WEBHOOK_SECRET: secret },
      message: (recordings) => readyMessage({ ...facts, recordings }),
    };
  }
  const folder = reachableFolder(join(stateFolder, "postgres"));
  const cluster = await timed("Postgres is running", () => startCluster({ folder, log: say }));
  started(cluster);
  const { ownerUrl } = await provisionDatabase(cluster.superuserUrl, state.ownerPassword);
  await migrateWithWords(ownerUrl);
  const databaseUrl = await createAppLogin(ownerUrl, { password: state.applicationPassword });
  saveState(stateFile, { ...state, databaseUrl, directDatabaseUrl: ownerUrl });
  const signInToken = await timed("the demo organization and agent exist", () => seedDemo(ownerUrl));
  const databases = { DATABASE_URL: databaseUrl, DIRECT_DATABASE_URL: ownerUrl };
  return {
    env: {
      ENCRYPTION_KEY: state.encryptionKey,
      ...env,
      ...databases,
      LISTEN_HOST,
      VAPI_WEBHOOK_SECRET: secret,
    },
    message: (recordings) => readyMessage({ ...facts, recordings, assistant: DEMO_ASSISTANT, signInToken }),
  };
}

async function migrateWithWords(ownerUrl: string): Promise<void> {
  const { applied } = await timed("the database is migrated", () =>
    migrate(ownerUrl, { log: () => undefined }),
  );
  if (applied.length > 0) say(`applied ${applied.length} migrations, the last one is ${applied.at(-1)}`);
}
