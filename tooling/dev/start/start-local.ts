import { fileURLToPath } from "node:url";
import { buildConsole } from "@call-ledger/build/console";
import { startLocal } from "./local.start.ts";

/** A test passes a folder of its own. */
const [stateFolder = fileURLToPath(new URL("../../../.call-ledger", import.meta.url))] =
  process.argv.slice(2);
const apiEntry = import.meta.resolve("@call-ledger/api/start");

// biome-ignore lint/style/noProcessEnv: the only place that reads the environment.
process.exit(await startLocal(process.env, { stateFolder, apiEntry, buildConsole }));
