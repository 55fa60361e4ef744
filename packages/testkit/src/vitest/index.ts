export { describeWithPrivateMounts } from "./private-mounts.ts";
export { describeWith } from "./system.tool.ts";
export { type TestCluster, testCluster } from "./test-cluster.older.ts";
