/**
 * Why an attempt at a recording did not end in a stored object.
 * - `gone`: the source says that it will not hand it out (400, 401, 403, 410) or has it not (404)
 * - `forbidden`: our own rules say that it must not be fetched from there
 * - `unlisted`: the operator has not allowed the source's host yet
 * - `unsuitable`: what came is no recording, or too large for one
 * - `passing`: the source did not manage this time
 * - `storage`: our storage did not
 * - `lost`: the job is not ours any more, or the process stops: nothing may be settled
 */
export type RecordingFaultKind =
  | "gone"
  | "forbidden"
  | "unlisted"
  | "unsuitable"
  | "passing"
  | "storage"
  | "lost";

/** `reason` is for people and never holds a URL, an IP address or a byte of what was fetched. */
export class RecordingFault extends Error {
  override readonly name = "RecordingFault";
  readonly kind: RecordingFaultKind;
  readonly reason: string;
  /** The source's own wish, milliseconds. */
  readonly retryAfterMs: number | null;
  /** The HTTP status of the source, where it answered. */
  readonly status: number | null;
  /** The host name of an `unlisted` source. */
  readonly host: string | null;

  constructor(
    kind: RecordingFaultKind,
    reason: string,
    {
      retryAfterMs = null,
      status = null,
      host = null,
    }: { retryAfterMs?: number | null; status?: number | null; host?: string | null } = {},
  ) {
    super(reason);
    this.kind = kind;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
    this.status = status;
    this.host = host;
  }
}
