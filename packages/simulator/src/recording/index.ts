export type { Certificate } from "./certificate.ts";
export { selfSigned, selfSignedFor } from "./certificate.ts";
export { speechWav } from "./speech-wav.ts";
export { spokenIn, spokenPath } from "./spoken.ts";
