import type { Pool } from "@call-ledger/db/client";
import { behindPooler } from "@call-ledger/db/client";
import type { WakeUps } from "@call-ledger/db/jobs";
import { listenForRecordings } from "@call-ledger/db/jobs";
import type { Log } from "@call-ledger/process";
import { repeating } from "@call-ledger/process";
import type { WorkerConfig } from "./worker-config.ts";

type ListenDeps = {
  readonly config: Pick<WorkerConfig, "DIRECT_DATABASE_URL">;
  /** The URL with the application's login. */
  readonly databaseUrl: string;
  readonly log: Pick<Log, "info">;
};

const QUESTION_MS = 5_000;
const ASK_AGAIN_MS = 1_000;

/** Starts to listen. Behind a transaction pooler without a direct URL, the worker polls. */
export function listenWherePossible(
  { config, databaseUrl, log }: ListenDeps,
  pool: Pool,
  wake: () => void,
): WakeUps {
  if (config.DIRECT_DATABASE_URL !== null) return listenForRecordings(config.DIRECT_DATABASE_URL, wake);
  let listening: WakeUps | null = null;
  let stopped = false;
  const asking = repeating(async () => {
    try {
      const pooled = await behindPooler(pool, QUESTION_MS);
      if (pooled)
        log.info({}, "The worker polls behind a pooler. Set DIRECT_DATABASE_URL so that it listens.");
      else if (!stopped) listening = listenForRecordings(databaseUrl, wake);
      return null;
    } catch {
      return ASK_AGAIN_MS;
    }
  });
  return {
    async stop() {
      stopped = true;
      // The running query may take longer than the grace.
      void asking.stop();
      await listening?.stop();
    },
  };
}
