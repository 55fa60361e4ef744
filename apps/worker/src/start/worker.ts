import { loadConfig, processEnv } from "@call-ledger/config";
import { SettingsRefused } from "@call-ledger/storage";
import { startWorker } from "@call-ledger/worker/start";
import { pino } from "pino";

/** Exit code for an environment that has to be put right first. */
const USAGE = 2;
/** Platforms kill after 30 s. */
const GRACE_MS = 20_000;

const loaded = loadConfig(processEnv());
if (!loaded.ok) refuse(loaded.problems.map(({ variable, problem }) => `${variable} ${problem}`));
const { config } = loaded;
if (config.DATABASE_URL === null) refuse(["DATABASE_URL must be set"]);
const log = pino({
  level: config.LOG_LEVEL,
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
});

const worker = begin(config.DATABASE_URL);

let stopping = false;
const onSignal = (signal: string) => {
  if (stopping) process.exit(1);
  stopping = true;
  log.info({ signal }, "Stopping: recordings under way are finished or given back");
  worker.stop(GRACE_MS).then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.on("SIGTERM", onSignal);
process.on("SIGINT", onSignal);
log.info({}, "Worker started");

function begin(databaseUrl: string) {
  try {
    return startWorker({ config, databaseUrl, log });
  } catch (error) {
    if (error instanceof SettingsRefused) return refuse([error.message]);
    throw error;
  }
}

function refuse(problems: readonly string[]): never {
  process.stderr.write(`The environment has to be put right first:\n  ${problems.join("\n  ")}\n`);
  process.exit(USAGE);
}
