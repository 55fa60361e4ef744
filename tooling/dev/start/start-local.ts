import { fileURLToPath } from "node:url";
import { buildConsole } from "@call-ledger/build/console";
import { startLocal } from "./local.start.ts";

/** A test gives a folder of its own. */
const [stateFolder = fileURLToPath(new URL("../../../.call-ledger", import.meta.url))] =
  process.argv.slice(2);
const apiEntry = import.meta.resolve("@call-ledger/api/start");

// biome-ignore lint/style/noProcessEnv: this is where the environment enters.
process.exit(await startLocal(process.env, { stateFolder, apiEntry, buildConsole }));
