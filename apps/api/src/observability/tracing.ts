/** A finished piece of work; times in milliseconds since the process began. */
export type FinishedWork = {
  readonly name: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Must not contain a phone number, a transcript or a secret. */
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly failed: boolean;
  readonly parts: readonly FinishedWork[];
};

export type Tracing = {
  record(work: FinishedWork): void;
  /** Sends the remaining spans within `graceMs`. Never rejects. */
  stop(graceMs: number): Promise<void>;
};
