export type { ApiKey } from "./api-key.ts";
export { apiKeyHash, newApiKey } from "./api-key.ts";
export type { LinkSigner, SignedLink } from "./link-signature.ts";
export { linkSigner } from "./link-signature.ts";
export type { SealedFor, SecretBox } from "./secret-box.ts";
export { SecretUnreadable, secretBox } from "./secret-box.ts";
export type { Token } from "./token.ts";
export {
  LINK_PREFIX,
  newSigningSecret,
  newToken,
  openWithToken,
  SESSION_PREFIX,
  sealWithToken,
  tokenHash,
} from "./token.ts";
