import type { FileHandle } from "node:fs/promises";
import { open, stat } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";

/** A log that is being written. */
export type Log = AsyncDisposable & {
  /** Returns the lines that were finished since the last call. Throws the errors of the file system. */
  newLines(): Promise<readonly string[]>;
};

const CHUNK = 65_536;
/** A longer line is not one of ours. Its rest is dropped, so that a file without line ends does not fill the memory. */
const LONGEST_LINE = 1_048_576;

/**
 * Follows a file through rotation (another file under its name) and truncation. Skips the lines that are in it at the
 * beginning; a file that is created later is read from its start.
 */
export async function followFile(path: string): Promise<Log> {
  let file = await openLog(path, "end");
  return {
    async newLines() {
      const lines = file === null ? [] : await file.rest();
      if (file !== null && (await file.isStill(path))) return lines;
      await file?.close();
      file = await openLog(path, "start");
      return file === null ? lines : [...lines, ...(await file.rest())];
    },
    [Symbol.asyncDispose]: async () => file?.close(),
  };
}

/** Follows the lines that are piped into this process. */
export function followStream(stream: NodeJS.ReadableStream): Log {
  const splitter = lineSplitter();
  let waiting: string[] = [];
  const take = (chunk: Buffer | string) => {
    waiting.push(...splitter(Buffer.from(chunk)));
  };
  stream.on("data", take);
  return {
    newLines: async () => {
      const lines = waiting;
      waiting = [];
      return lines;
    },
    [Symbol.asyncDispose]: async () => {
      stream.removeListener("data", take);
      stream.pause();
    },
  };
}

/** Returns `null` if the file does not exist yet. */
async function openLog(path: string, from: "start" | "end") {
  const handle = await open(path).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (handle === null) return null;
  const { ino, size } = await handle.stat();
  const splitter = lineSplitter();
  let offset = from === "end" ? size : 0;
  return {
    async rest(): Promise<string[]> {
      const lines: string[] = [];
      for await (const chunk of chunksFrom(handle, offset)) {
        offset += chunk.length;
        lines.push(...splitter(chunk));
      }
      return lines;
    },
    async isStill(name: string): Promise<boolean> {
      const now = await stat(name).catch(() => null);
      // Between the two steps of a rotation no file has the name, and the old file is still written to.
      return now === null || (now.ino === ino && now.size >= offset);
    },
    close: () => handle.close(),
  };
}

async function* chunksFrom(handle: FileHandle, offset: number): AsyncGenerator<Buffer> {
  let position = offset;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Returns a function that cuts bytes into lines and keeps an unfinished line for the next call. */
function lineSplitter(): (chunk: Buffer) => string[] {
  const decoder = new StringDecoder("utf8");
  let begun = "";
  return (chunk) => {
    const parts = (begun + decoder.write(chunk)).split("\n");
    begun = (parts.pop() ?? "").slice(0, LONGEST_LINE);
    return parts;
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
