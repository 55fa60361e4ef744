import type { AuthenticatedKey, CallRecording, WantedRecording } from "@call-ledger/db/read";

/** A URL that needs no key and does not last. */
type ShortLink = { readonly url: string; readonly expiresAt: Date };

/** What the REST API asks for. Every method throws LedgerUnreadable. */
export type AccessPorts = {
  /** Whose key it is; `null`: there is no such key, or it was revoked. Asked every time. */
  authenticate(key: string): Promise<AuthenticatedKey | null>;
  /** `null`: the organization has no such call. */
  recordingOf(orgId: string, wanted: WantedRecording): Promise<CallRecording | null>;
  /** `null`: what is stored is not an object of this organization in our storage. */
  linkTo(orgId: string, recording: CallRecording & { readonly state: "stored" }): Promise<ShortLink | null>;
};

/** The ledger cannot be read at the moment. `code` is a SQLSTATE or a driver's code, never a value. */
export class LedgerUnreadable extends Error {
  override readonly name = "LedgerUnreadable";
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}
