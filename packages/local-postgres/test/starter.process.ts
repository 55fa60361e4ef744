import { startCluster } from "../src/index.ts";

// A process of its own that starts the cluster of a folder, says so, and stays until somebody ends it.
const { pid } = await startCluster({ folder: process.argv[2] ?? "", settings: { fsync: "off" } });
process.stdout.write(`${JSON.stringify({ pid })}\n`);
setInterval(() => {}, 60_000);
