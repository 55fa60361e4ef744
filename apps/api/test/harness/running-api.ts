import { createServer } from "node:http";
import { loadConfig } from "@call-ledger/config";
import { createLog } from "@call-ledger/process";
import { untilOk } from "@call-ledger/testkit/process";
import { answerExpectations, answerParserErrors, NODE_CHECKS } from "../../src/http/parser-errors.ts";
import { requestsInTurn } from "../../src/http/requests-in-turn.ts";
import { wire } from "../../src/start/wiring.ts";

/** The app in this process, on a real port. */
export type RunningApi = {
  readonly url: string;
  readonly port: number;
  /** Everything that was logged so far, one line for each entry. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
};

export const SECRET = "test-secret-0123456789abcdef";

/** The URL of a database that does not exist, for tests that must not need one. */
export const NO_DATABASE = "postgres://nobody:nothing@127.0.0.1:1/none";

/** Settings without background work, because the fixtures name recordings at real hosts. */
export const ALONE = { NODE_ENV: "test", WORKER: "off", RECORDING_CHANNELS: "mono,stereo" } as const;

/** A storage that does not answer. */
export const NO_STORAGE = {
  STORAGE_DRIVER: "s3",
  S3_ENDPOINT: "http://127.0.0.1:1",
  S3_BUCKET: "none",
  S3_ACCESS_KEY_ID: "none",
  S3_SECRET_ACCESS_KEY: "none",
} as const;

export async function startApi(
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningApi> {
  const loaded = loadConfig({ DATABASE_URL: databaseUrl, VAPI_WEBHOOK_SECRET: SECRET, ...ALONE, ...env });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const lines: string[] = [];
  const log = createLog(loaded.config.LOG_LEVEL, { write: (line) => void lines.push(line) });
  const wired = wire(loaded.config, databaseUrl, log);
  const server = createServer(NODE_CHECKS, requestsInTurn(wired.app));
  answerParserErrors(server, wired.parserErrors);
  answerExpectations(server);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  wired.begin(address.port);
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    lines,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await wired.end(500);
    },
  };
}

export function untilReady(api: { readonly url: string }): Promise<void> {
  return untilOk(`${api.url}/health/ready`);
}
