/** Bytes on their way into an object. Nothing can be seen under its key before `publish`. */
export type IncomingObject = {
  /** Takes the chunk over before it resolves; chunks have to be handed over one after the other. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the object, whole and durable. `exists`: there was one under its key, which is as it was before. */
  publish(): Promise<"published" | "exists">;
  /** Forgets the bytes; after `publish` too. Never throws. */
  discard(): Promise<void>;
};

/** Part of an object: `to` is the last byte, `null` the end. */
export type ByteRange = { readonly from: number; readonly to: number | null };

/** Each chunk belongs to its reader, who may free its memory. */
export type ObjectContent = { readonly sizeBytes: number; readonly chunks: AsyncIterable<Uint8Array> };

/** An object as a listing shows it; `modifiedAt` in milliseconds since 1970, by the storage's clock. */
export type ListedObject = {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
};

/** Uploads that began before a time (ms since 1970) under keys that begin with `prefix` and are ours. */
export type AbandonedUploads = {
  readonly prefix: string;
  readonly begunBefore: number;
  isOurs(key: string): boolean;
};

/** The storage does not offer this, or not to these keys; the message is for people and holds no key and no URL. */
export class NotOffered extends Error {
  override readonly name = "NotOffered";
}

/** Where recordings are kept. Every method but `discard` and `reachable` throws RecordingFault `storage`. */
export type ObjectStorage = {
  begin(key: string, mediaType: string): Promise<IncomingObject>;
  /** `null`: there is none. `sizeBytes` is that of the whole object. */
  read(key: string, range?: ByteRange): Promise<ObjectContent | null>;
  /** Resolves whether or not there was one. */
  remove(key: string): Promise<void>;
  /** The objects whose keys begin with `prefix`, some at a time. Throws NotOffered too. */
  list(prefix: string): AsyncIterable<readonly ListedObject[]>;
  /** Forgets the bytes of uploads that became no object; returns of how many. Throws NotOffered too. */
  removeAbandoned(uploads: AbandonedUploads): Promise<number>;
  /** Whether objects could be stored at the moment, as far as asking can tell. */
  reachable(): Promise<boolean>;
};
