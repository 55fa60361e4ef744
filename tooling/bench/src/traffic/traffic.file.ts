import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** A part of a file in bytes, from `start` to before `end`. */
export type ByteRange = { readonly start: number; readonly end: number };

/** Deliveries in a file, so that long runs do not need them in memory. */
export type Traffic = {
  readonly file: string;
  readonly count: number;
  /** Returns the place of `count` deliveries from an index on. There are fewer at the end of the traffic. */
  rangeOf(from: number, count: number): ByteRange;
};

const LENGTH_BYTES = 4;

/** Writes bodies one after another. The length of each precedes it as four bytes. */
export function writeTraffic(file: string, bodies: Iterable<string>): Traffic {
  const handle = openSync(file, "w");
  const starts = [0];
  let end = 0;
  for (const body of bodies) {
    const record = Buffer.alloc(LENGTH_BYTES + Buffer.byteLength(body));
    record.writeUInt32LE(record.length - LENGTH_BYTES);
    record.write(body, LENGTH_BYTES);
    end += writeSync(handle, record);
    starts.push(end);
  }
  closeSync(handle);
  const startOf = (place: number) => starts[Math.min(place, starts.length - 1)] ?? end;
  return {
    file,
    count: starts.length - 1,
    rangeOf: (from, count) => ({ start: startOf(from), end: startOf(from + count) }),
  };
}

/** Returns the bodies of a range that `rangeOf` returned. */
export function readTraffic(file: string, { start, end }: ByteRange): Buffer[] {
  const bytes = Buffer.alloc(end - start);
  const handle = openSync(file, "r");
  for (let read = 0; read < bytes.length; ) {
    read += readSync(handle, bytes, read, bytes.length - read, start + read);
  }
  closeSync(handle);
  const bodies: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const bodyEnd = at + LENGTH_BYTES + bytes.readUInt32LE(at);
    bodies.push(bytes.subarray(at + LENGTH_BYTES, bodyEnd));
    at = bodyEnd;
  }
  return bodies;
}
