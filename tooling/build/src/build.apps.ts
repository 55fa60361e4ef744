import { cpSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";
import { rehearseApi } from "./api.rehearse.ts";
import { buildConsole } from "./console.build.ts";

/** Where the programs lie; each runs with plain Node 24 and without node_modules. */
export type BuiltApps = {
  /** Absolute path of the api's program. */
  readonly api: string;
  /** Absolute path of the operator's program. */
  readonly ops: string;
  /** Absolute path of the background worker's program. */
  readonly worker: string;
};

// Not import.meta.resolve, which the global setup of vitest lacks.
const require = createRequire(import.meta.url);

const API = {
  folder: "api",
  program: "server.mjs",
  entries: {
    main: require.resolve("@call-ledger/api/start"),
    // A program of its own: the api starts a thread with it.
    "reading.thread": require.resolve("@call-ledger/ingest/reading-thread"),
  },
};
const OPS = {
  folder: "ops",
  program: "ops.mjs",
  entries: { main: require.resolve("@call-ledger/ops/start") },
};
const WORKER = {
  folder: "worker",
  program: "worker.mjs",
  entries: { main: require.resolve("@call-ledger/worker-process/start") },
};

/** A program as it is bundled: the paths of its entries by name, `main` the one that is started. */
export type App = {
  readonly folder: string;
  readonly program: string;
  readonly entries: Readonly<Record<string, string>>;
};

// The code lies one level below its app, because the database package looks for `../../migrations` from its own file.
const MAIN = "code/main.mjs";

/**
 * {@link bundleApps}, with the console and with what V8 compiles of the api: it is started once without a database, so
 * that its first start in production finds everything compiled. Throws what the bundler throws, or an Error when the
 * api does not start.
 */
export async function buildApps(folder: string): Promise<BuiltApps> {
  const built = await bundleApps(folder);
  cpSync(await buildConsole(), join(folder, "console"), { recursive: true });
  await rehearseApi(built.api);
  return built;
}

/**
 * Bundles each app into `folder`, replacing what was there: `<app>/<program>` starts `<app>/code/main.mjs`, with what
 * V8 has compiled kept in `<app>/compiled`. The api keeps its heap small, however it is started. Throws what the
 * bundler throws.
 */
export async function bundleApps(folder: string): Promise<BuiltApps> {
  rmSync(folder, { recursive: true, force: true });
  const [api, ops, worker] = await Promise.all([
    bundle(API, folder),
    bundle(OPS, folder),
    bundle(WORKER, folder),
  ]);
  const database = join(dirname(require.resolve("@call-ledger/db/migrate")), "../..");
  for (const name of ["migrations", "schema.sql"]) {
    cpSync(join(database, name), join(folder, name), { recursive: true });
  }
  return { api, ops, worker };
}

/** Returns the absolute path of the app's program below `into`. */
export async function bundle({ folder, program, entries }: App, into: string): Promise<string> {
  const appFolder = join(into, folder);
  const build = await rolldown({
    input: { ...entries },
    platform: "node",
    transform: { target: "node24" },
    checks: { pluginTimings: false },
  });
  try {
    await build.write({
      dir: appFolder,
      format: "esm",
      entryFileNames: "code/[name].mjs",
      chunkFileNames: "code/[name]-[hash].mjs",
      // Names stay: a stack in the log says where something was thrown.
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    });
  } finally {
    await build.close();
  }
  const starter = join(appFolder, program);
  writeFileSync(starter, folder === API.folder ? FRUGAL_STARTER : STARTER);
  return starter;
}

const HASHBANG = "#!/usr/bin/env node\n";

/** Modules are compiled before any of them runs, so the cache is switched on by one that imports nothing else. */
const CACHED = `import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
const directory = fileURLToPath(new URL("./compiled", import.meta.url));
enableCompileCache({ directory, portable: true });
await import("./${MAIN}");
`;

/**
 * Left alone, V8 lets the young generation grow to 128 MB and the old one to four times of what lives in it. What a
 * delivery is made of dies with its answer, so nothing is worth being born old.
 */
export const HEAP_OPTIONS = [
  "--max-semi-space-size=8",
  "--heap-growing-percent=100",
  "--no-allocation-site-pretenuring",
];

/** Node takes them on its command line only, so the process becomes another one with the same id, once. */
const FRUGAL = `const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ""];
if (process.platform !== "win32" && !options.some((option) => option.includes("--max-semi-space-size"))) {
  const own = ${JSON.stringify(HEAP_OPTIONS)};
  const args = [process.execPath, ...own, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, args, { MALLOC_ARENA_MAX: "1", ...process.env });
}
`;

const STARTER = HASHBANG + CACHED;
const FRUGAL_STARTER = HASHBANG + FRUGAL + CACHED;
