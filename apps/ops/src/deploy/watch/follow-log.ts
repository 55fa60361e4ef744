import type { FileHandle } from "node:fs/promises";
import { open, stat } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";

/** A log that grows. */
export type Log = {
  /** The lines that were finished since the last time. Throws what the file system throws. */
  newLines(): Promise<readonly string[]>;
  close(): Promise<void>;
};

const CHUNK = 65_536;
/** What is longer is no line of ours; its rest is dropped, so that a file without line ends fills no memory. */
const LONGEST_LINE = 1_048_576;

/**
 * Follows a file through rotation (another file under its name) and truncation. What is in it at the beginning was said
 * before; a file that comes later is read from its start.
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
    close: async () => file?.close(),
  };
}

/** Follows what somebody pipes into this process. */
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
    close: async () => {
      stream.removeListener("data", take);
      stream.pause();
    },
  };
}

type OpenLog = {
  rest(): Promise<string[]>;
  isStill(path: string): Promise<boolean>;
  close(): Promise<void>;
};

/** `null`: there is no such file yet. */
async function openLog(path: string, from: "start" | "end"): Promise<OpenLog | null> {
  const handle = await open(path).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (handle === null) return null;
  const { ino, size } = await handle.stat();
  const splitter = lineSplitter();
  let offset = from === "end" ? size : 0;
  return {
    async rest() {
      const lines: string[] = [];
      for await (const chunk of chunksFrom(handle, offset)) {
        offset += chunk.length;
        lines.push(...splitter(chunk));
      }
      return lines;
    },
    async isStill(name) {
      const now = await stat(name).catch(() => null);
      // Between a rotation's two steps the name is nobody's, and the old file is still written to.
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

/** Cuts bytes into lines and keeps what is not finished for the next time. */
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
