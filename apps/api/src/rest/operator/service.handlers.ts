import type { HealthStatus } from "@call-ledger/contract/health";
import type { Administration } from "@call-ledger/db/access";
import { readHousekeeping } from "@call-ledger/db/access";
import { PROVIDERS } from "@call-ledger/providers";
import { reading } from "../ledger-reading.ts";
import type { Handlers } from "../mount/handler.ts";

export type ServicePorts = {
  readonly administration: Administration;
  /** The full answer of `/health`; never throws. */
  health(): Promise<HealthStatus>;
};

/** Handlers for the health of the service, its housekeeping and its providers. */
export function serviceHandlers({
  administration,
  health,
}: ServicePorts): Pick<Handlers, "getHealthDetails" | "getHousekeeping" | "listProviders"> {
  return {
    async getHealthDetails() {
      return health();
    },
    async getHousekeeping() {
      const runs = await reading(() => administration.asOperator(readHousekeeping));
      return {
        data: runs.map((run) => ({
          name: run.name,
          every_seconds: run.everySeconds,
          next_run_at: run.nextRunAt.toISOString(),
          finished_at: run.finishedAt?.toISOString() ?? null,
          succeeded_at: run.succeededAt?.toISOString() ?? null,
          took_ms: run.tookMs,
          result: run.result,
          error: run.error,
        })),
      };
    },
    async listProviders() {
      return {
        data: PROVIDERS.map(({ provider, connecting: { title, steps } }) => ({
          name: provider,
          title,
          steps: steps.map(({ text, value = null }) => ({ text, value })),
        })),
      };
    },
  };
}
