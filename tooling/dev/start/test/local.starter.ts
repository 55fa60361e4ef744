import { startLocal } from "../local.start.ts";

// `npm start` as a process of its own, on a folder and an api that a test chose.
const [stateFolder = "", apiEntry = ""] = process.argv.slice(2);
process.exit(await startLocal(process.env, { stateFolder, apiEntry, buildConsole: async () => stateFolder }));
