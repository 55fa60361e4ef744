export { binariesOf, embeddedBinaries, type PostgresBinaries } from "./binaries.locate.ts";
export { reachableFolder, scratchFolder, temporaryFolder } from "./cluster.folder.ts";
export { type Cluster, type ClusterOptions, startCluster } from "./cluster.start.ts";
export { type RunningCluster, runningCluster, stopLeftOver } from "./cluster.status.ts";
export { type ProvisionedDatabase, provisionDatabase } from "./database.provision.ts";
export { clusterHolder } from "./holder.lock.ts";
export { freePort } from "./port.free.ts";
export { isAlive } from "./process.identity.ts";
