import { createServer } from "node:http";
import { loadServerConfig, processEnv } from "@call-ledger/config";
import { createLog, endOnSignals, errorFields, refuseEnvironment } from "@call-ledger/process";
import { PROVIDERS } from "@call-ledger/providers";
import { longestBodyMs } from "../http/arriving-body.ts";
import { collectWhenQuiet } from "../http/collect-soon.ts";
import { limitConnections, MAX_CONNECTIONS } from "../http/connection-limit.ts";
import { answerExpectations, answerParserErrors, NODE_CHECKS } from "../http/parser-errors.ts";
import { requestsInTurn } from "../http/requests-in-turn.ts";
import { shortTurns } from "../http/short-turns.ts";
import { LISTENERS, listen } from "./listening.ts";
import { shutdownOf } from "./shutdown.ts";
import { wire } from "./wiring.ts";

const MEGABYTE = 1024 * 1024;

/** The max time for the headers of a request. The max time for a whole request adds that of the largest body. */
const HEADERS_MS = 10_000;
const TIMEOUT_CHECK_MS = 5_000;
/**
 * Load balancers keep idle connections for 60 to 100 s. Our time is longer, so that they close first. If we closed
 * first, they would answer some requests with 502.
 */
const KEEP_ALIVE_MS = 120_000;

/** A connection reads on until it keeps so many bytes that nobody has taken. One read has up to 64 KB. */
const READ_AHEAD_BYTES = 16_384;

const loaded = loadServerConfig(processEnv());
if (!loaded.ok) refuseEnvironment(loaded.problems);
const { config, databaseUrl } = loaded;
const log = createLog(config.LOG_LEVEL);
const wired = wire(config, databaseUrl, log);
const app = requestsInTurn(shortTurns(wired.app));
const settings = {
  ...NODE_CHECKS,
  highWaterMark: READ_AHEAD_BYTES,
  headersTimeout: HEADERS_MS,
  requestTimeout: HEADERS_MS + longestBodyMs(config.BODY_LIMIT_MB * MEGABYTE),
  connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
};
const servers = Array.from({ length: LISTENERS }, () => {
  const server = createServer(settings, app);
  answerParserErrors(server, wired.parserErrors);
  answerExpectations(server);
  limitConnections(server, log, MAX_CONNECTIONS / LISTENERS);
  return server;
});
endOnSignals({
  log,
  message: "Stopping: requests under way are finished",
  stop: shutdownOf({ servers, readiness: wired.readiness, release: wired.end, log }),
});

const host = config.LISTEN_HOST === null ? {} : { host: config.LISTEN_HOST };
const port = await listen(servers, { port: config.PORT, ...host }).catch((error: unknown) => {
  log.error(errorFields(error), `Cannot listen on port ${config.PORT}`);
  process.exit(1);
});
for (const server of servers) {
  // After an error such as too many open files, existing connections are still served.
  server.on("error", (error) => log.error(errorFields(error), "CRITICAL: a connection cannot be accepted"));
}
log.info({}, `Server listening on port ${port}`);
for (const { provider, platform } of PROVIDERS) {
  if (platform.accountIn(config).webhookSecrets.length > 0) continue;
  log.warn({}, `${platform.variables[0]} is not set: deliveries to /api/webhooks/${provider} are refused`);
}
wired.begin(port);
collectWhenQuiet();
