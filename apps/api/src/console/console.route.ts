import { randomBytes } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import { problem } from "../http/reply.ts";
import { traceOf } from "../http/request-trace.ts";
import { STANDING_HEADERS } from "../http/standing-headers.middleware.ts";
import { writeReply } from "../http/write-reply.ts";
import type { Asset, BuiltConsole } from "./built-console.ts";
import { contentSecurityPolicy, referencePolicy } from "./content-security.ts";

export type ConsolePorts = {
  /** `null`: the console is not built. */
  readonly built: BuiltConsole | null;
  /** Scheme and host of the bucket of recordings; `null`: this server sends the recordings. */
  readonly mediaOrigin: string | null;
};

/** The path of the API's reference. */
const REFERENCE = /^\/docs\/?$/;
const PLACEHOLDER = "%CSP_NONCE%";
/** Paths of the API and of other programs. Every other path is a page of the console. */
const NOT_PAGES = /^\/(?:api|health|metrics|recordings|assets|docs)(?:\/|$)/;

const NOT_BUILT = problem(
  404,
  "Not Found",
  {},
  {
    detail:
      'The console is not built, so only the API is here. "npm start" builds it; so does "npm run build", for the server in dist.',
  },
);

/**
 * Answers `GET` and `HEAD` requests for the console's files and pages. One HTML file serves all pages. Any other
 * request goes on to the next handler.
 */
export function consoleRoutes({ built, mediaOrigin }: ConsolePorts): RequestHandler {
  return (req, res, next) => {
    if (req.method !== "GET" && req.method !== "HEAD") return next();
    const asset = built?.assets.get(req.path.slice(1));
    if (built !== null && asset !== undefined) return sendAsset(req, res, built.folder, asset, next);
    if (built !== null && REFERENCE.test(req.path)) {
      traceOf(res).route = "/docs";
      return sendPage(res, built.referencePage, referencePolicy);
    }
    if (NOT_PAGES.test(req.path) || !wantsPage(req)) return next();
    traceOf(res).route = "/";
    if (built !== null)
      return sendPage(res, built.page, (nonce) => contentSecurityPolicy(nonce, mediaOrigin));
    if (req.path !== "/" && !REFERENCE.test(req.path)) return next();
    writeReply(res, NOT_BUILT);
  };
}

/**
 * Whether the client is a browser, which accepts HTML by name. A program that mistypes an API path gets a 404, no page.
 */
function wantsPage(req: Request): boolean {
  return req.path === "/" || (req.headers.accept ?? "").includes("text/html");
}

function sendPage(res: Response, page: string, policyWith: (nonce: string) => string): void {
  const nonce = randomBytes(16).toString("base64");
  const text = page.replaceAll(PLACEHOLDER, nonce);
  res.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    // The page names the files of one build, so a browser must ask for the page every time.
    "cache-control": "no-cache",
    "content-security-policy": policyWith(nonce),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
  });
  res.end(res.req.method === "HEAD" ? undefined : text);
}

function sendAsset(
  req: Request,
  res: Response,
  folder: string,
  { mediaType, variants }: Asset,
  next: (error?: Error) => void,
): void {
  traceOf(res).route = "/assets/:file";
  const accepted = (req.headers["accept-encoding"] ?? "").split(",").map((one) => one.trim().split(";")[0]);
  const chosen = variants.find(({ encoding }) => encoding === null || accepted.includes(encoding));
  if (chosen === undefined) {
    next();
    return;
  }
  res.setHeader("content-type", mediaType);
  res.setHeader("vary", "accept-encoding");
  res.setHeader("cache-control", "public, max-age=31536000, immutable");
  if (chosen.encoding !== null) res.setHeader("content-encoding", chosen.encoding);
  res.sendFile(chosen.file, { root: folder, cacheControl: false, acceptRanges: false }, (error?: Error) => {
    if (error === undefined || res.headersSent) return;
    // A new build has replaced the files since this server started.
    if (!("code" in error) || error.code !== "ENOENT") return next(error);
    res.removeHeader("content-encoding");
    writeReply(res, problem(404, "Not Found", STANDING_HEADERS));
  });
}
