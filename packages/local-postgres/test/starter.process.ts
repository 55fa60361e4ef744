import { startCluster } from "../src/index.ts";

// A separate process that starts the cluster of a folder, prints its id, and runs until it is killed.
const { pid } = await startCluster({ folder: process.argv[2] ?? "", settings: { fsync: "off" } });
process.stdout.write(`${JSON.stringify({ pid })}\n`);
setInterval(() => {}, 60_000);
