import type { Response } from "express";
import { Router } from "express";
import { problem } from "../../http/reply.ts";
import { traceOf } from "../../http/request-trace.ts";
import { writeReply } from "../../http/write-reply.ts";

/** A recording as it may be sent. */
type SentFile = {
  readonly mediaType: string;
  readonly fileName: string;
  /** Changes with the bytes; empty where it is not known. */
  readonly version: string;
};

/** Recordings on a disk of ours, for holders of signed links. */
export type RecordingFiles = {
  /** Absolute; keys are paths below it. */
  readonly folder: string;
  /** `null`: the link was not made here, or its time is over. */
  open(key: string, query: URLSearchParams): Promise<SentFile | null>;
};

/** The file of a recording that is linked to its call cannot be read: a fault of ours. */
class RecordingLost extends Error {
  override readonly name = "RecordingLost";
}

/** Where `recordingFileRoutes` is mounted, and signed links lead. */
export const RECORDING_FILES_PATH = "/recordings";

/** Headers of a file that is not sent in the end. */
const OF_THE_FILE = ["content-disposition", "etag", "last-modified"];

/** `GET` and `HEAD` of a signed link: the file, whole or in ranges (RFC 9110, 14), without a key. */
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
    res.sendFile(key, options, (error?: Error) => {
      const outcome = error === undefined ? "sent" : unsent(error, res);
      if (outcome instanceof Error) next(outcome);
      else trace.outcome = outcome;
    });
  });
  return router;
}

const NOT_SIGNED = problem(
  403,
  "Forbidden",
  {},
  {
    detail: "The link is none of ours, or its time is over: ask for the call's recording again.",
  },
);

/** Answers what the request itself is to blame for, and returns its word in the log; else our own fault. */
function unsent(error: Error, res: Response): string | Error {
  if (res.headersSent) return "aborted";
  for (const name of OF_THE_FILE) res.removeHeader(name);
  switch (Reflect.get(error, "status")) {
    case 416:
      // The library has set Content-Range to the length that there is.
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
