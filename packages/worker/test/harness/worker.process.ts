import type { WorkerDeps } from "../../src/start/index.ts";
import { startWorker } from "../../src/start/index.ts";

/** A worker as a separate process. Its options come as JSON, and it prints its memory as lines. */
const deps: Omit<WorkerDeps, "log"> = JSON.parse(process.argv[2] ?? "");
startWorker({ ...deps, log: { info: () => undefined, warn: () => undefined } });

setInterval(() => process.stdout.write(`${process.memoryUsage.rss()}\n`), 50);
// The test that started it has ended.
process.stdin.on("end", () => process.exit(1)).resume();
