/** Bytes that arrive in chunks. A generator reads them and yields whenever it needs another chunk. */
export type ByteInput = {
  /** Returns a copy of the next bytes; fewer than `count` only at the end. */
  take(count: number): Generator<void, Uint8Array>;
  skip(count: number): Generator<void, void>;
  /** Returns the rest of the chunk, at most `max` bytes; empty at the end. The bytes belong to the chunk. */
  some(max: number): Generator<void, Uint8Array>;
};

/** A program that reads bytes and returns a result. */
export type ByteProgram<T> = {
  /** Gives the program the next chunk, which it does not use after the call. */
  push(chunk: Uint8Array): void;
  /** Ends the input and returns the result. */
  end(): T;
};

/** Runs `read` as chunks arrive. Chunks after its return are dropped. */
export function byteProgram<T>(read: (input: ByteInput) => Generator<void, T>): ByteProgram<T> {
  let chunk: Uint8Array = new Uint8Array(0);
  let isEnd = false;

  function* some(max: number): Generator<void, Uint8Array> {
    while (chunk.length === 0 && !isEnd) yield;
    const bytes = chunk.subarray(0, max);
    chunk = chunk.subarray(bytes.length);
    return bytes;
  }
  function* take(count: number): Generator<void, Uint8Array> {
    const taken = new Uint8Array(count);
    for (let filled = 0; filled < count; ) {
      const bytes = yield* some(count - filled);
      if (bytes.length === 0) return taken.subarray(0, filled);
      taken.set(bytes, filled);
      filled += bytes.length;
    }
    return taken;
  }
  function* skip(count: number): Generator<void, void> {
    for (let left = count; left > 0; ) {
      const { length } = yield* some(left);
      if (length === 0) return;
      left -= length;
    }
  }

  const running = read({ some, take, skip });
  let state = running.next();
  const resume = (): void => {
    if (state.done !== true) state = running.next();
  };
  return {
    push(next) {
      chunk = next;
      resume();
      chunk = new Uint8Array(0);
    },
    end() {
      isEnd = true;
      resume();
      if (state.done !== true) throw new Error("the program reads beyond the end");
      return state.value;
    },
  };
}
