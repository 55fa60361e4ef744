export type { S3Gateway } from "./s3-gateway.ts";
export { s3Gateway } from "./s3-gateway.ts";
export type { TestStorage } from "./storages.ts";
export { localTestStorage, objectsIn, s3TestStorage, sha256 } from "./storages.ts";
