import { cpSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";
import { rehearseApi } from "./api.rehearse.ts";
import { buildConsole } from "./console.build.ts";
import { httpImport } from "./http-import.plugin.ts";

/** The paths of the programs. Each runs with plain Node 24 and without node_modules. */
export type BuiltApps = {
  /** Absolute path of the api's program. */
  readonly api: string;
  /** Absolute path of the operator's program. */
  readonly ops: string;
  /** Absolute path of the background worker's program. */
  readonly worker: string;
};

// import.meta.resolve is missing in the global setup of vitest.
const require = createRequire(import.meta.url);

const API = {
  folder: "api",
  program: "server.mjs",
  entries: {
    main: require.resolve("@call-ledger/api/start"),
    // Programs of their own, because the api starts a thread with each.
    "reading.thread": require.resolve("@call-ledger/ingest/reading-thread"),
    "call-answer.thread": require.resolve("@call-ledger/api/call-answer-thread"),
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

/** A program to bundle: the paths of its entries by name. `main` is the one that is started. */
export type App = {
  readonly folder: string;
  readonly program: string;
  readonly entries: Readonly<Record<string, string>>;
};

// The code is one level below its app, because the database package looks for `../../migrations` from its own file.
const MAIN = "code/main.mjs";

/**
 * Runs {@link bundleApps}, builds the console, and starts the api once without a database, so that its first start in
 * production finds its code compiled by V8. Throws the error of the bundler, or an Error if the api does not start.
 */
export async function buildApps(folder: string): Promise<BuiltApps> {
  const built = await bundleApps(folder);
  cpSync(await buildConsole(), join(folder, "console"), { recursive: true });
  await rehearseApi(built.api);
  return built;
}

/**
 * Bundles each app into `folder` and replaces earlier builds. `<app>/<program>` starts `<app>/code/main.mjs`; the
 * compiled code of V8 is in `<app>/compiled`. The api keeps its heap small, however it is started. Throws the error of
 * the bundler.
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
    plugins: [httpImport],
  });
  try {
    await build.write({
      dir: appFolder,
      format: "esm",
      entryFileNames: "code/[name].mjs",
      chunkFileNames: "code/[name]-[hash].mjs",
      // Names are kept, so that a stack in the log shows where an error was thrown.
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

/** All modules are compiled before any of them runs. So a module that imports nothing else has to enable the cache. */
const CACHED = `import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
const directory = fileURLToPath(new URL("./compiled", import.meta.url));
enableCompileCache({ directory, portable: true });
await import("./${MAIN}");
`;

/**
 * By default V8 lets the young generation grow to 128 MB, and the old one to four times its live size. The objects of a
 * delivery die with its answer, so none of them needs to be allocated in the old generation.
 */
export const HEAP_OPTIONS = [
  "--max-semi-space-size=8",
  "--heap-growing-percent=100",
  "--no-allocation-site-pretenuring",
  "--expose-gc",
];

/**
 * One arena for malloc. Memory of 40 KB or more is mapped by itself, so that it returns to the system when it is freed.
 * By default malloc moves this limit up to the largest memory that was freed, so bodies of 5 MB end up in a heap whose
 * holes are never returned.
 */
const MALLOC_OPTIONS = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "40960",
  MALLOC_TRIM_THRESHOLD_: "16777216",
};

/** Node accepts these options on its command line only, so the process replaces itself once and keeps its id. */
const FRUGAL = `const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ""];
if (process.platform !== "win32" && !options.some((option) => option.includes("--max-semi-space-size"))) {
  const own = ${JSON.stringify(HEAP_OPTIONS)};
  const args = [process.execPath, ...own, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, args, { ...${JSON.stringify(MALLOC_OPTIONS)}, ...process.env });
}
`;

const STARTER = HASHBANG + CACHED;
const FRUGAL_STARTER = HASHBANG + FRUGAL + CACHED;
