import type { Config } from "@call-ledger/config";
import type { OperationId } from "@call-ledger/contract/routes";
import { ROUTES } from "@call-ledger/contract/routes";
import type { Administration } from "@call-ledger/db/access";
import type { Pool } from "@call-ledger/db/client";
import type { Reader } from "@call-ledger/db/read";
import { readLastCalls } from "@call-ledger/db/read";
import type { Booking } from "@call-ledger/ingest";
import type { RequestHandler } from "express";
import { authenticationOver, idempotencyOver } from "./authentication.ts";
import { annotationHandlers } from "./calls/annotations.handlers.ts";
import { callHandlers } from "./calls/calls.handlers.ts";
import { eventHandlers } from "./calls/events.handlers.ts";
import { figureHandlers } from "./calls/figures.handlers.ts";
import { recordingJobHandlers } from "./calls/recording-jobs.handlers.ts";
import { reading } from "./ledger-reading.ts";
import type { Handlers } from "./mount/handler.ts";
import { mountRoutes } from "./mount/mount-routes.ts";
import { requestLimits } from "./mount/request-limits.ts";
import { agentHandlers } from "./organization/agent.handlers.ts";
import { organizationHandlers } from "./organization/organization.handlers.ts";
import { keyHandlers } from "./people/key.handlers.ts";
import { invitationHandlers, memberHandlers } from "./people/member.handlers.ts";
import { signInHandlers } from "./people/sign-in.handlers.ts";
import { recordingHandlers } from "./recordings/recording.handler.ts";
import type { RecordingFiles } from "./recordings/recording-files.route.ts";
import { recordingLinks } from "./recordings/recording-links.ts";
import type { CallStreams } from "./stream/call-streams.ts";
import { streamHandlers } from "./stream/stream.handlers.ts";

export type RestPorts = {
  readonly reads: Pool;
  readonly reader: Reader;
  readonly streams: CallStreams;
  /** Books deliveries that are read again. */
  readonly booking: Pick<Booking, "prepare" | "book">;
  /** Recordings may have become due. */
  queued(): void;
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
export function restApi(config: Config, ports: RestPorts): RestApi {
  const { reads, reader, administration, streams, booking, refused } = ports;
  const { recordings, files } = recordingLinks(config, reads);
  const limits = requestLimits({ maxRequests: config.API_REQUESTS_PER_MINUTE });
  const handlers: Partial<Handlers> = {
    ...recordingHandlers(recordings),
    ...callHandlers(reader),
    ...figureHandlers({ reader, administration }),
    ...annotationHandlers({ reader, administration, recordings, changed: streams.changed }),
    ...recordingJobHandlers(ports),
    ...eventHandlers({ reader, book: (delivery) => booking.book(booking.prepare(delivery), 0) }),
    ...streamHandlers(streams),
    ...signInHandlers({
      reads,
      administration,
      canSendTestCalls: config.NODE_ENV === "development",
      refused: limits.refused,
    }),
    ...organizationHandlers(administration),
    ...memberHandlers(administration),
    ...invitationHandlers(administration),
    ...keyHandlers(administration),
    ...agentHandlers({ administration, lastCalls: (orgId) => reading(() => readLastCalls(reader, orgId)) }),
  };
  const ids = Object.keys(ROUTES) as OperationId[];
  const api = mountRoutes(
    ids.flatMap((id) => {
      const handler = handlers[id];
      return handler === undefined ? [] : [{ id, route: ROUTES[id], handler }];
    }),
    {
      authentication: authenticationOver(reads, administration, refused),
      limits,
      idempotency: idempotencyOver(administration),
      publicUrl: config.PUBLIC_URL,
      checksAnswers: config.NODE_ENV === "test",
    },
  );
  return { api, files };
}
