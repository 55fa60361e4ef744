import { loadServerConfig, processEnv } from "@call-ledger/config";
import { createLog, endOnSignals, refuseEnvironment } from "@call-ledger/process";
import { SettingsRefused } from "@call-ledger/storage";
import { startWorker } from "@call-ledger/worker/start";

/** Platforms kill a process after 30 s. */
const GRACE_MS = 20_000;

const loaded = loadServerConfig(processEnv());
if (!loaded.ok) refuseEnvironment(loaded.problems);
const { config, databaseUrl } = loaded;
const log = createLog(config.LOG_LEVEL);
const worker = begin();
endOnSignals({
  log,
  message: "Stopping: recordings under way are finished or given back",
  stop: () => worker.stop(GRACE_MS),
});
log.info({}, "Worker started");

function begin() {
  try {
    return startWorker({ config, databaseUrl, log });
  } catch (error) {
    if (error instanceof SettingsRefused) return refuseEnvironment([error.message]);
    throw error;
  }
}
