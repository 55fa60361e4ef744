import type { Response } from "express";
import { Router } from "express";
import { problem } from "../../http/reply.ts";
import { traceOf } from "../../http/request-trace.ts";
import { writeReply } from "../../http/write-reply.ts";

/** The headers of a recording that is sent. */
type SentFile = {
  readonly mediaType: string;
  readonly fileName: string;
  /** Changes with the bytes; empty: it is not known. */
  readonly version: string;
};

/** Recordings on this server's disk, for holders of signed links. */
export type RecordingFiles = {
  /** The absolute path of the folder. Keys are paths below it. */
  readonly folder: string;
  /** Checks a link; `null`: its signature is wrong, or it has expired. */
  open(key: string, query: URLSearchParams): Promise<SentFile | null>;
};

/** The file of a stored recording cannot be read. It is a fault of the service. */
class RecordingLost extends Error {
  override readonly name = "RecordingLost";
}

/** The path of `recordingFileRoutes`, to which signed links lead. */
export const RECORDING_FILES_PATH = "/recordings";

/** Headers of a file, which an error answer must not have. */
const OF_THE_FILE = ["content-disposition", "etag", "last-modified"];

/** Answers `GET` and `HEAD` of a signed link with the file, whole or in ranges (RFC 9110, 14). No API key is needed. */
export function recordingFileRoutes({ folder, open }: RecordingFiles): Router {
  const router = Router();
  router.all("/org/:org/call/:call/:file", async (req, res, next) => {
    const trace = traceOf(res);
    trace.route = `${RECORDING_FILES_PATH}/:object`;
    if (req.method !== "GET" && req.method !== "HEAD") {
      return writeReply(res, problem(405, "Method Not Allowed", { allow: "GET, HEAD" }));
    }
    const { org, call, file: name } = req.params;
    const key = `org/${org}/call/${call}/${name}`;
    const file = await open(key, new URLSearchParams(req.url.split("?")[1]));
    if (file === null) {
      trace.outcome = "refused";
      return writeReply(res, NOT_SIGNED);
    }
    res.setHeader("content-type", file.mediaType);
    res.setHeader("content-disposition", `inline; filename="${file.fileName}"`);
    if (file.version !== "") res.setHeader("etag", `"${file.version}"`);
    const options = { root: folder, cacheControl: false, dotfiles: "deny" } as const;
    const settled = (error?: Error): void => {
      if (isLongerSuffix(error, req.headers.range) && !res.headersSent) {
        delete req.headers.range;
        res.removeHeader("content-range");
        res.sendFile(key, options, settled);
        return;
      }
      const outcome = error === undefined ? "sent" : unsent(error, res);
      if (outcome instanceof Error) next(outcome);
      else trace.outcome = outcome;
    };
    res.sendFile(key, options, settled);
  });
  return router;
}

/**
 * Returns whether the library has refused a range because it asks for more last bytes than the file has. That means the
 * whole file (RFC 9110, 14.1.2). Players ask so for the end of a file whose length they do not know.
 */
function isLongerSuffix(error: Error | undefined, range: string | undefined): boolean {
  return (
    error !== undefined && Reflect.get(error, "status") === 416 && /^bytes=-0*[1-9]\d*$/.test(range ?? "")
  );
}

const NOT_SIGNED = problem(
  403,
  "Forbidden",
  {},
  {
    detail: "The link is not valid or has expired. Ask for the call's recording again.",
  },
);

/** Answers an error of the request and returns its outcome for the log. Returns an error of the service as an Error. */
function unsent(error: Error, res: Response): string | Error {
  if (res.headersSent) return "aborted";
  for (const name of OF_THE_FILE) res.removeHeader(name);
  switch (Reflect.get(error, "status")) {
    case 416:
      // The library has already set Content-Range to the length of the file.
      writeReply(res, problem(416, "Range Not Satisfiable"));
      return "out of range";
    case 412:
      writeReply(res, problem(412, "Precondition Failed"));
      return "changed";
    case 404:
      return new RecordingLost();
    default:
      return error;
  }
}
