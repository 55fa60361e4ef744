export type { StorageConfig } from "../start/worker-config.ts";
export { recordingBucket, recordingStorage, WorkerRefused } from "../start/worker-config.ts";
export type { ObjectStorage } from "../storage/object-storage.ts";
export { presignedUrl } from "../storage/s3.presign.ts";
export type { ExpectedObject } from "./compare-object.ts";
export { compareObject } from "./compare-object.ts";
export type { NamedObject } from "./object-key.ts";
export { namedObject } from "./object-key.ts";
export { RecordingFault } from "./recording-fault.ts";
