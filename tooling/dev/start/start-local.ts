import { fileURLToPath } from "node:url";
import { buildConsole } from "@call-ledger/build/console";
import { startLocal } from "./local.start.ts";

const stateFolder = fileURLToPath(new URL("../../../.call-ledger", import.meta.url));
const apiEntry = import.meta.resolve("@call-ledger/api/start");

// biome-ignore lint/style/noProcessEnv: this is where the environment enters.
process.exit(await startLocal(process.env, { stateFolder, apiEntry, buildConsole }));
