import { startLocal } from "../local.start.ts";

// Runs `npm start` as a process of its own, with a folder and an api that the test chooses.
const [stateFolder = "", apiEntry = ""] = process.argv.slice(2);
process.exit(await startLocal(process.env, { stateFolder, apiEntry, buildConsole: async () => stateFolder }));
