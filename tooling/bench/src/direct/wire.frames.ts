/* Messages of Postgres's frontend protocol, version 3. */

/** One message: its type, its length, its parts. */
export function frame(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(type.length + 4);
  head.write(type, "latin1");
  head.writeInt32BE(4 + parts.reduce((sum, part) => sum + part.length, 0), type.length);
  return Buffer.concat([head, ...parts]);
}

export const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const SYNC = frame("S");

/** Prepares a statement under a name. */
export function prepareFrames(name: string, statement: string): Buffer {
  return Buffer.concat([frame("P", text(name), text(statement), int16(0)), SYNC]);
}

/** Executes a prepared statement as a transaction of its own; parameters are text. */
export function executeFrames(name: string, parameters: readonly string[]): Buffer {
  const values = parameters.map((parameter) => Buffer.from(parameter));
  const bind = frame(
    "B",
    text(""),
    text(name),
    int16(0),
    int16(values.length),
    ...values.flatMap((value) => [int32(value.length), value]),
    int16(0),
  );
  return Buffer.concat([bind, frame("E", text(""), int32(0)), SYNC]);
}
