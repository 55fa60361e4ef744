export type { Certificate } from "./certificate.ts";
export { selfSigned } from "./certificate.ts";
export { speechWav } from "./speech-wav.ts";
export { spokenIn, spokenPath } from "./spoken.ts";
