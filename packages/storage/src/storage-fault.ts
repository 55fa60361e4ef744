/** A failure of the storage. `reason` is for people. It never contains a key, a path, a URL or an IP address. */
export class StorageFault extends Error {
  override readonly name = "StorageFault";
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}
