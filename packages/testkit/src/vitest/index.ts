export { describeWithPrivateMounts } from "./private-mounts.ts";
export { describeWithDisk, diskMounter, type SmallDisk } from "./small-disk.ts";
export { describeWith } from "./system.tool.ts";
export { type TestCluster, testCluster } from "./test-cluster.older.ts";
