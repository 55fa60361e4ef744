export { type PgBouncer, startPgBouncer } from "./pgbouncer.start.ts";
export { describeWithPrivateMounts } from "./private-mounts.ts";
export { describeWith, systemTool } from "./system.tool.ts";
export { type TestCluster, testCluster } from "./test-cluster.older.ts";
