export type { Certificate } from "@call-ledger/simulator/recording";
export { selfSigned, selfSignedFor } from "@call-ledger/simulator/recording";
export type { Answer, SourceHost } from "./source-host.ts";
export { halfOf, recordingOf, slowly, sourceHost, status, whole } from "./source-host.ts";
