export type { Certificate } from "./certificate.ts";
export { selfSigned } from "./certificate.ts";
export type { Answer, SourceHost } from "./source-host.ts";
export { halfOf, recordingOf, slowly, sourceHost, status, whole } from "./source-host.ts";
