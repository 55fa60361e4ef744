import type { Config } from "@call-ledger/config";
import type { OperationId } from "@call-ledger/contract/routes";
import { ROUTES } from "@call-ledger/contract/routes";
import type { Administration } from "@call-ledger/db/access";
import type { Pool } from "@call-ledger/db/client";
import type { RequestHandler } from "express";
import { authenticationOver, idempotencyOver } from "./authentication.ts";
import type { Handlers } from "./mount/handler.ts";
import { mountRoutes } from "./mount/mount-routes.ts";
import { requestLimits } from "./mount/request-limits.ts";
import { recordingHandlers } from "./recordings/recording.handler.ts";
import type { RecordingFiles } from "./recordings/recording-files.route.ts";
import { recordingLinks } from "./recordings/recording-links.ts";

export type RestPorts = {
  readonly reads: Pool;
  readonly administration: Administration;
  /** A credential did not hold. */
  refused(): void;
};

export type RestApi = {
  readonly api: RequestHandler;
  /** `null`: recordings are handed out by the storage itself. */
  readonly files: RecordingFiles | null;
};

/** The REST API: the contract's routes with what they do. */
export function restApi(config: Config, { reads, administration, refused }: RestPorts): RestApi {
  const { recordings, files } = recordingLinks(config, reads);
  const handlers: Partial<Handlers> = { ...recordingHandlers(recordings) };
  const ids = Object.keys(ROUTES) as OperationId[];
  const api = mountRoutes(
    ids.flatMap((id) => {
      const handler = handlers[id];
      return handler === undefined ? [] : [{ id, route: ROUTES[id], handler }];
    }),
    {
      authentication: authenticationOver(reads, administration, refused),
      limits: requestLimits({ maxRequests: config.API_REQUESTS_PER_MINUTE }),
      idempotency: idempotencyOver(administration),
      publicUrl: config.PUBLIC_URL,
      checksAnswers: config.NODE_ENV === "test",
    },
  );
  return { api, files };
}
