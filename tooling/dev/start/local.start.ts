import { once } from "node:events";
import { join } from "node:path";
import type { Cluster } from "@call-ledger/local-postgres";
import { stopRequest } from "@call-ledger/process";
import { openApiLog } from "./api.log.ts";
import { type ApiProcess, startApi } from "./api.process.ts";
import { API_LOG, prepare, refuseTakenPort } from "./local.prepare.ts";
import { onParentGone } from "./parent.watch.ts";
import { type RecordingHost, startRecordingHost } from "./recording.host.ts";
import { type Environment, planStart, withoutEmpty } from "./start.plan.ts";
import { say, timed } from "./step.output.ts";

const INTERRUPTED = 130;

export type LocalOptions = {
  /** Absolute path of the git-ignored folder of the data and the secrets. */
  readonly stateFolder: string;
  /** URL of the api's entry file, the same as in production. */
  readonly apiEntry: string;
  /** Builds the console, and returns the folder of its pages. */
  buildConsole(): Promise<string>;
};

/** The processes that were started; they are stopped in reverse order. */
type Running = {
  cluster?: Cluster;
  api?: ApiProcess;
  recordings?: RecordingHost;
};

/**
 * Runs `npm start` after the dependencies are installed. Returns the exit code: 0 after a signal, 1 if a process could
 * not be started or ended by itself.
 */
export async function startLocal(environment: Environment, options: LocalOptions): Promise<number> {
  const running: Running = {};
  const request = stopRequest({
    hangUp: true,
    again() {
      running.api?.kill();
      process.exit(INTERRUPTED);
    },
  });
  onParentGone(() => request.stop("the parent process ended"));
  const stop = request.signal;
  try {
    const plan = planStart(environment);
    await refuseTakenPort(plan.port, options.stateFolder);
    const given = withoutEmpty(environment);
    const [{ env, message }, consoleFolder] = await Promise.all([
      prepare(plan, given, options.stateFolder, (cluster) => {
        running.cluster = cluster;
      }),
      given.CONSOLE_PATH ?? timed("the console is built", options.buildConsole),
    ]);
    if (stop.aborted) return 0;
    if (plan.kind !== "production") running.recordings = await startRecordingHost(env, options.stateFolder);
    const api = startApi(
      options.apiEntry,
      { ...env, ...running.recordings?.env, PORT: String(plan.port), CONSOLE_PATH: consoleFolder },
      plan.port,
      plan.kind === "production" ? undefined : openApiLog(join(options.stateFolder, API_LOG)),
    );
    running.api = api;
    if (message !== undefined) await api.ready(stop);
    if (message !== undefined && !stop.aborted) process.stdout.write(message(running.recordings?.address));
    return await firstEnd(running.cluster, api, stop);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    await stopAll(running);
  }
}

/** Waits for the first of three: a signal, the end of the api, the end of our own Postgres. */
async function firstEnd(cluster: Cluster | undefined, api: ApiProcess, stop: AbortSignal): Promise<number> {
  const stopped = stop.aborted ? Promise.resolve() : once(stop, "abort");
  const ends: Promise<string | undefined>[] = [
    stopped.then(() => undefined),
    api.ended.then((code) => `the api ended by itself (exit code ${code})`),
  ];
  if (cluster?.owned) ends.push(cluster.ended.then(() => "Postgres ended by itself"));
  const failure = await Promise.race(ends);
  if (failure === undefined) return 0;
  say(failure);
  return 1;
}

async function stopAll({ api, cluster, recordings }: Running): Promise<void> {
  cluster?.leave();
  if (api) await api.drain();
  recordings?.stop();
  if (!cluster?.owned) return;
  await cluster.stop();
  say("stopped; the data stays");
}
