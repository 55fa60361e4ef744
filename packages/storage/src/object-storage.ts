/** An object that is being written. Nothing is visible under its key before `publish`. */
export type IncomingObject = {
  /** Takes a chunk over before it resolves. Write the next chunk only after that. */
  write(chunk: Uint8Array): Promise<void>;
  /** Creates the object, whole and durable. `exists`: an object with this key existed before, and was not changed. */
  publish(): Promise<"published" | "exists">;
  /** Removes unfinished bytes. It may be called after `publish` too. Never throws. */
  discard(): Promise<void>;
};

/** A part of an object. `to` is the last byte; `null` means the end of the object. */
export type ByteRange = { readonly from: number; readonly to: number | null };

/** The content of an object. Each chunk belongs to its reader, who may free its memory. */
export type ObjectContent = { readonly sizeBytes: number; readonly chunks: AsyncIterable<Uint8Array> };

/** An object in a listing. `modifiedAt` is in milliseconds since 1970, by the storage's clock. */
export type ListedObject = {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
};

/** Selects uploads that began before a time (ms since 1970) under keys that begin with `prefix`, made by us. */
export type AbandonedUploads = {
  readonly prefix: string;
  readonly begunBefore: number;
  isOurs(key: string): boolean;
};

/**
 * The storage does not offer an operation, or not with these access keys. The message is for people and contains no key
 * and no URL.
 */
export class NotOffered extends Error {
  override readonly name = "NotOffered";
}

/** The storage of recordings. Every method except `discard` and `reachable` throws StorageFault. */
export type ObjectStorage = {
  begin(key: string, mediaType: string): Promise<IncomingObject>;
  /** Returns `null` if there is no such object. `sizeBytes` is that of the whole object. */
  read(key: string, range?: ByteRange): Promise<ObjectContent | null>;
  /** Removes an object. Resolves even if there was none. */
  remove(key: string): Promise<void>;
  /** Lists the objects whose keys begin with `prefix`, in small groups. Also throws NotOffered. */
  list(prefix: string): AsyncIterable<readonly ListedObject[]>;
  /** Removes the bytes of unfinished uploads, and returns their number. Also throws NotOffered. */
  removeAbandoned(uploads: AbandonedUploads): Promise<number>;
  /** Returns whether objects could be stored at the moment, as far as a test request can tell. */
  reachable(): Promise<boolean>;
};
