import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";

/** The levels of log lines that a person at the terminal does not need. */
const QUIET = new Set(["debug", "info"]);

/** The log of the api under `npm start`: all lines are in a file, and the terminal shows the important ones. */
export type ApiLog = {
  /** Takes the lines of a stream of the api. `terminal` shows those that are warnings, errors, or no log lines. */
  follow(stream: Readable, terminal: NodeJS.WritableStream): void;
};

/** Opens the log of the api. The file at `path`, which is absolute, is begun anew at each start. */
export function openApiLog(path: string): ApiLog {
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  const file = createWriteStream(path, { mode: 0o600 });
  // The terminal still has what is important, for example when the disk is full.
  file.on("error", () => undefined);
  return {
    follow(stream, terminal) {
      let rest = "";
      const take = (line: string): void => {
        file.write(line);
        if (!isQuiet(line)) terminal.write(line);
      };
      stream.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split(/(?<=\n)/);
        rest = lines.at(-1)?.endsWith("\n") === false ? (lines.pop() ?? "") : "";
        for (const line of lines) take(line);
      });
      stream.on("end", () => {
        if (rest !== "") take(rest);
      });
    },
  };
}

/** Whether a line is a log line without importance. Every other text is shown, such as the trace of a crash. */
export function isQuiet(line: string): boolean {
  if (!line.startsWith("{")) return false;
  try {
    return QUIET.has(Reflect.get(Object(JSON.parse(line)), "level"));
  } catch {
    return false;
  }
}
