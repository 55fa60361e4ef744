import { fileURLToPath } from "node:url";
import { buildApps } from "./build.apps.ts";

const startedAt = performance.now();
const built = await buildApps(fileURLToPath(new URL("../../../dist", import.meta.url)));
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
process.stdout.write(`built in ${seconds} s\n  ${built.api}\n  ${built.ops}\n  ${built.worker}\n`);
