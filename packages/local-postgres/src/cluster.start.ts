import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { embeddedBinaries, type PostgresBinaries } from "./binaries.locate.ts";
import { placeBinaries } from "./binaries.place.ts";
import { type ClusterIdentity, filesOf, makeFolder, writeIdentity } from "./cluster.folder.ts";
import { initializeOnce, serverEnvironment } from "./cluster.initialize.ts";
import {
  postmaster,
  type RunningCluster,
  runningCluster,
  stopLeftOver,
  superuserUrl,
} from "./cluster.status.ts";
import { type Hold, takeHold } from "./holder.lock.ts";
import { freePort } from "./port.free.ts";
import { postgresUser, type SystemUser } from "./system.user.ts";

const POLL_MS = 20;
// Crash recovery replays the log since the last checkpoint, which takes minutes on a slow disk.
const START_MS = 120_000;
const ATTEMPTS = 10;
const RETRY_MS = 200;

// The shell becomes the server. Its background process reads a pipe that only the starter holds open. When the starter
// dies in any way, the server shuts down. A line on the pipe ends the background process instead.
const SERVE_UNTIL_PARENT_ENDS = '( (read -r _ <&3 || kill -INT $$) & ) ; exec "$@" 3<&-';

/**
 * The server's log must not contain values, which are words and numbers of callers. So it has only the message itself.
 */
const QUIET_LOG = { log_error_verbosity: "terse", log_min_error_statement: "panic" };

export type ClusterOptions = {
  /** Absolute path of the folder, which is created if it is missing. See {@link reachableFolder} for root. */
  readonly folder: string;
  /** Default: the Postgres that `npm start` runs. */
  readonly binaries?: PostgresBinaries;
  /** Server settings, such as `{ fsync: "off" }` for a cluster that a test throws away. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: (line: string) => void;
};

export type Cluster = RunningCluster & {
  /** False if another living process started the server. The server then ends with that process. */
  readonly owned: boolean;
  /** Resolves when the server has ended; immediately for a server that is not owned. */
  readonly ended: Promise<void>;
  /** Says that an owned server will be stopped soon: another process then waits for its end, and does not use it. */
  leave(): void;
  /** Stops the server if it is owned. Open transactions are rolled back. */
  stop(): Promise<void>;
};

/**
 * Starts the cluster of a folder, which is created on first use. It is reachable on 127.0.0.1 only, with a random
 * password, on a port that does not change. If a server outlived its starter, it is stopped first. If its starter
 * lives, the server is used. Throws an Error with the server's own message if it does not start.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder, log = () => {} } = options;
  makeFolder(folder, 0o711);
  let waitsFor: number | undefined;
  for (const until = Date.now() + START_MS; ; await sleep(POLL_MS)) {
    const hold = takeHold(filesOf(folder).holder);
    if (hold.held) return startHeld(options, hold, log);
    const { holder, isLeaving } = hold;
    const running = isLeaving ? undefined : runningCluster(folder);
    if (running) {
      log(`using the Postgres that process ${holder} runs; it stops when that process does`);
      const nothing = () => undefined;
      return { ...running, owned: false, ended: Promise.resolve(), leave: nothing, stop: async () => {} };
    }
    if (Date.now() > until)
      throw new Error(`Process ${holder} holds ${folder}, but its Postgres does not answer.`);
    if (isLeaving && waitsFor !== holder) log(`waiting until process ${holder} has stopped its Postgres`);
    if (isLeaving) waitsFor = holder;
  }
}

type Held = Extract<Hold, { held: true }>;

async function startHeld(options: ClusterOptions, hold: Held, log: Launch["log"]): Promise<Cluster> {
  const { folder } = options;
  try {
    const user = postgresUser();
    const stopped = await stopLeftOver(folder);
    if (stopped !== undefined) log(`stopped a Postgres that an earlier run left behind (process ${stopped})`);
    const binaries = placeBinaries(options.binaries ?? embeddedBinaries(), user, log);
    const identity = await initializeOnce(folder, binaries, user, log);
    const settings = { ...QUIET_LOG, ...options.settings };
    return await serve({ folder, binaries, user, settings, log }, identity, hold);
  } catch (error) {
    hold.release();
    throw error;
  }
}

type Launch = {
  readonly folder: string;
  readonly binaries: PostgresBinaries;
  readonly user: SystemUser | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
};

async function serve(launch: Launch, known: ClusterIdentity, hold: Held): Promise<Cluster> {
  let port = await freePort(known.port);
  for (let attempt = 1; ; attempt += 1) {
    if (port !== known.port) {
      launch.log(`port ${known.port} is taken; Postgres listens on ${port} from now on`);
      writeIdentity(launch.folder, { ...known, port });
    }
    const server = spawnServer(launch, port);
    const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
    const failure = await readyOrFailed(launch.folder, server, ended);
    if (failure === undefined) return ownedCluster(launch, { ...known, port }, server, ended, hold);
    const portLost = failure.includes("could not bind");
    // A killed postmaster and its workers need a moment to end.
    const predecessorEnding = /shared memory block|lock file .* already exists/.test(failure);
    if (!(portLost || predecessorEnding) || attempt === ATTEMPTS) {
      throw new Error(`Postgres did not start:\n${failure}`);
    }
    if (portLost) port = await freePort();
    await sleep(RETRY_MS);
  }
}

function spawnServer({ folder, binaries, user, settings }: Launch, port: number): ChildProcess {
  const files = filesOf(folder);
  const fixed = { listen_addresses: "127.0.0.1", port: String(port), unix_socket_directories: "" };
  const given = Object.entries({ ...settings, ...fixed }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const command = [join(binaries.home, "bin/postgres"), "-D", files.data, ...given];
  const logFile = openSync(files.log, "w", 0o600);
  // The server gets its own session: Ctrl-C in a terminal must not stop the database while a server still drains.
  const server = spawn("/bin/sh", ["-c", SERVE_UNTIL_PARENT_ENDS, "sh", ...command], {
    ...user,
    cwd: files.data,
    env: serverEnvironment(binaries),
    detached: true,
    stdio: ["ignore", logFile, logFile, "pipe"],
  });
  closeSync(logFile);
  const lifeline = server.stdio[3];
  server.once("exit", () => {
    if (lifeline && "end" in lifeline) lifeline.end("ended\n");
  });
  return server;
}

/** Returns undefined when connections are accepted, otherwise the end of the server's log. */
async function readyOrFailed(
  folder: string,
  server: ChildProcess,
  ended: Promise<void>,
): Promise<string | undefined> {
  let failure: string | undefined;
  let ready = false;
  server.once("error", (error) => {
    failure ??= error.message;
  });
  // Later the log may be deleted with its folder.
  void ended.then(() => {
    if (!ready) failure ??= readFileSync(filesOf(folder).log, "utf8").trim().split("\n").slice(-8).join("\n");
  });
  const until = Date.now() + START_MS;
  while (failure === undefined) {
    const state = postmaster(folder);
    ready = state?.pid === server.pid && state?.state === "ready";
    if (ready) return undefined;
    if (Date.now() > until) {
      server.kill("SIGQUIT");
      return `it was not ready after ${START_MS / 1000} s`;
    }
    await sleep(POLL_MS);
  }
  return failure;
}

function ownedCluster(
  { folder }: Launch,
  identity: ClusterIdentity,
  server: ChildProcess,
  ended: Promise<void>,
  hold: Held,
): Cluster {
  void ended.then(hold.release);
  return {
    port: identity.port,
    pid: server.pid ?? 0,
    superuserUrl: superuserUrl(identity),
    owned: true,
    ended,
    leave: hold.leave,
    async stop() {
      hold.leave();
      await stopLeftOver(folder);
      await ended;
    },
  };
}
