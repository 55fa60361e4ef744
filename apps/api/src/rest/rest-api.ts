import type { Config } from "@call-ledger/config";
import { openApiOf } from "@call-ledger/contract/openapi";
import type { OperationId } from "@call-ledger/contract/routes";
import { ROUTES } from "@call-ledger/contract/routes";
import type { Administration } from "@call-ledger/db/access";
import type { Pool } from "@call-ledger/db/client";
import type { Reader } from "@call-ledger/db/read";
import { readLapsedCredentials, readLastCalls, readTimeZone } from "@call-ledger/db/read";
import type { Booking, DeliveryReader, Rebooking } from "@call-ledger/ingest";
import { rebookingAside } from "@call-ledger/ingest";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { RequestHandler } from "express";
import type { RequestBodies } from "../http/request-body.ts";
import { alarmHandlers } from "./alarms/alarm.handlers.ts";
import type { ChannelPorts } from "./alarms/channel.handlers.ts";
import { channelHandlers } from "./alarms/channel.handlers.ts";
import { authenticationOver } from "./authentication.ts";
import { annotationHandlers } from "./calls/annotations.handlers.ts";
import { callAnswers } from "./calls/call-answers.ts";
import { callHandlers } from "./calls/calls.handlers.ts";
import { completenessHandlers } from "./calls/completeness.handlers.ts";
import { eventHandlers } from "./calls/events.handlers.ts";
import { figureHandlers } from "./calls/figures.handlers.ts";
import { recordingJobHandlers } from "./calls/recording-jobs.handlers.ts";
import { waitingHandlers } from "./calls/waiting.handlers.ts";
import { keptReplies } from "./kept-replies.ts";
import { reading } from "./ledger-reading.ts";
import type { Handlers } from "./mount/handler.ts";
import { mountRoutes } from "./mount/mount-routes.ts";
import { requestLimits } from "./mount/request-limits.ts";
import { accountHandlers } from "./operator/accounts.handlers.ts";
import { deliveryHandlers } from "./operator/deliveries.handlers.ts";
import type { DeliveryFeed } from "./operator/delivery-feed.ts";
import { organizationsHandlers } from "./operator/organizations.handlers.ts";
import { quarantineHandlers } from "./operator/quarantine.handlers.ts";
import { installationRecordingsHandlers } from "./operator/recordings.handlers.ts";
import type { ServicePorts } from "./operator/service.handlers.ts";
import { serviceHandlers } from "./operator/service.handlers.ts";
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
import type { TestCallPorts } from "./test-calls/test-call.handler.ts";
import { testCallHandlers } from "./test-calls/test-call.handler.ts";

const LAPSED_DEADLINE_MS = 2_000;

export type RestPorts = {
  readonly reads: Pool;
  readonly reader: Reader;
  readonly streams: CallStreams;
  /** Books deliveries that are read again. */
  readonly booking: Pick<Booking, "prepare" | "book">;
  readonly deliveryReader: DeliveryReader;
  /** `queued` is called when recordings may have become due. */
  readonly work: { queued(): void };
  readonly administration: Administration;
  readonly bodies: Pick<RequestBodies, "of">;
  /** The allowed form of the name of a recording host. */
  readonly hostRule: RegExp;
  readonly alertServerFault: ChannelPorts["alertServerFault"];
  readonly feed: DeliveryFeed;
  readonly health: { answer: ServicePorts["health"] };
  /** The port that this server listens on. It differs from the configured port if that is 0. */
  readonly port: () => number;
  /** `refused` counts an invalid credential. */
  readonly observed: { refused(): void };
};

export type RestApi = {
  readonly api: RequestHandler;
  /** `null`: the bucket sends the recordings, not this server. */
  readonly files: RecordingFiles | null;
};

/** A handler for each route of the contract; the one for test calls exists only in development. */
type Served = Omit<Handlers, "sendTestCall"> & Partial<Handlers>;

/** The REST API: the contract's routes with their handlers. */
export function restApi(config: Config, ports: RestPorts): RestApi {
  const { reads, reader, administration, streams, booking, observed } = ports;
  const { recordings, files } = recordingLinks(config, reads);
  const limits = requestLimits({ maxRequests: config.API_REQUESTS_PER_MINUTE });
  const rebooking: Rebooking = {
    book: (delivery) => booking.book(booking.prepare(delivery), 0),
    bookLarge: rebookingAside(ports.deliveryReader, booking),
  };
  const answers = callAnswers();
  const lapsed = (ids: readonly string[]) => readLapsedCredentials(reads, ids, LAPSED_DEADLINE_MS);
  // Making it takes a tenth of the start, and most processes are never asked for it.
  let description: Readonly<ReturnType<typeof openApiOf>> | undefined;
  const isDevelopment = config.NODE_ENV === "development";
  const handlers: Served = {
    describeApi: async () => (description ??= Object.freeze(openApiOf(ROUTES))),
    ...recordingHandlers(recordings),
    ...callHandlers(reader, answers),
    ...figureHandlers({ reader, administration }),
    ...waitingHandlers({ reader }),
    ...annotationHandlers({ reader, administration, recordings, answers, changed: streams.changed }),
    ...completenessHandlers(reads, (orgId) =>
      reading(() => reader.as(orgId, (db) => readTimeZone(db, orgId))),
    ),
    ...recordingJobHandlers({ reader, administration, reads, queued: ports.work.queued }),
    ...eventHandlers({ reader, administration, rebooking }),
    ...streamHandlers(streams),
    ...signInHandlers({
      reads,
      administration,
      canSendTestCalls: isDevelopment,
      refused: limits.refused,
    }),
    ...organizationHandlers(administration, reader, {
      payload_days: config.PAYLOAD_RETENTION_DAYS,
      event_days: config.EVENT_RETENTION_DAYS,
    }),
    ...memberHandlers(administration),
    ...invitationHandlers(administration),
    ...keyHandlers(administration),
    ...agentHandlers({ administration, lastCalls: (orgId) => reading(() => readLastCalls(reader, orgId)) }),
    ...organizationsHandlers(administration),
    ...installationRecordingsHandlers(administration),
    ...accountHandlers(config, ports),
    ...alarmHandlers(administration),
    ...channelHandlers(config, ports),
    ...deliveryHandlers({ feed: ports.feed, lapsed }),
    ...quarantineHandlers({ administration, rebooking }),
    ...serviceHandlers({ administration, health: ports.health.answer }),
    ...(isDevelopment ? testCallHandlers(testCallPorts(config, ports)) : {}),
  };
  const ids = Object.keys(ROUTES) as OperationId[];
  const api = mountRoutes(
    ids.flatMap((id) => {
      const handler = handlers[id];
      return handler === undefined ? [] : [{ id, route: ROUTES[id], handler }];
    }),
    {
      authentication: authenticationOver(reads, administration, observed.refused),
      limits,
      idempotency: keptReplies(administration),
      bodies: ports.bodies,
      publicUrl: config.PUBLIC_URL,
      checksAnswers: config.NODE_ENV === "test",
    },
  );
  return { api, files };
}

function testCallPorts(config: Config, { administration, port }: RestPorts): TestCallPorts {
  const [recordingHost = null] = config.RECORDING_TEST_HOSTS;
  return {
    administration,
    port,
    recordingHost,
    account: DEFAULT_PROVIDER.platform.accountIn(config),
  };
}
