import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { TLSSocket } from "node:tls";
import { EgressFault } from "./egress-fault.ts";
import type { AllowedUrl } from "./host-rules.ts";
import { allowedUrl } from "./host-rules.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { ConnectionPorts } from "./secure-connection.ts";
import { secureConnection } from "./secure-connection.ts";
import { withTimeLimit } from "./time-limit.ts";

/** The body of a source's answer: its chunks, each of which belongs to the reader, and its announced length. */
export type FetchedBody = {
  /** `null`: the length is not announced, and the body's own end marker shows when it is complete. */
  readonly lengthBytes: number | null;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Drops the connection, even if the body was not read. */
  close(): void;
};

export type FetchRequest = {
  readonly url: string;
  /** Headers that are sent to the URL's own host only, never after a redirect. */
  readonly headers: Readonly<Record<string, string>>;
  /** Hosts that are allowed beside those of the rules, in the same form. */
  readonly hosts: readonly string[];
  /**
   * Whether the URL's own host may redirect to any host name, because it is the provider's API, which knows where
   * recordings are.
   */
  readonly isApi: boolean;
};

const MAX_REDIRECTS = 5;
/** The max number of answers with a status below 200 before the answer itself. */
const MAX_INFORMATIONAL = 10;
/** From the first connection to the headers of the last answer. */
const ANSWER = { ms: 30_000, reason: "the server does not answer in time" };

/**
 * Fetches with GET over https from allowed hosts at public addresses. Each redirect is checked like the first URL. The
 * environment (proxies, cookies, TLS switches) has no influence. Throws EgressFault, or the signal's reason.
 */
export function guardedFetch(
  request: FetchRequest,
  ports: ConnectionPorts,
  signal: AbortSignal,
): Promise<FetchedBody> {
  return withTimeLimit(ANSWER, signal, (limited) => follow(request, ports, limited));
}

async function follow(
  { url, headers, hosts, isApi }: FetchRequest,
  { network, rules: { hosts: listed, testHosts }, ca }: ConnectionPorts,
  signal: AbortSignal,
): Promise<FetchedBody> {
  const rules = { hosts: [...listed, ...hosts], testHosts };
  const first = allowedUrl(url, rules);
  let at = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const sent = { method: "GET", headers: redirects === 0 ? headers : {}, body: null } as const;
    const response = await ask(at, sent, { network, rules, ca }, signal);
    const location = redirectOf(response);
    if (location === null) return bodyOf(response, at.host !== first.host);
    response.destroy();
    const anyName = isApi && at.host === first.host;
    at = allowedUrl(URL.parse(location, at.url.href)?.href ?? "", rules, { anyName });
  }
  throw new EgressFault("forbidden", "the server redirects too often");
}

/** A request to an allowed URL. */
type Sent = {
  readonly method: "GET" | "POST" | "PATCH";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

/** Sends one request over its own connection. The answer's body is not read yet. Throws EgressFault. */
export async function ask(
  target: AllowedUrl,
  { method, headers, body }: Sent,
  ports: ConnectionPorts,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const socket = await secureConnection(target, ports, signal);
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      method,
      host: target.host,
      port: target.port,
      path: target.url.pathname + target.url.search,
      headers: {
        ...headers,
        host: target.url.host,
        accept: "*/*",
        "accept-encoding": "identity",
        connection: "close",
      },
      createConnection: () => socket,
      signal,
    });
    const refuse = (reason: string) => {
      socket.destroy();
      reject(signal.aborted ? signal.reason : new EgressFault("passing", reason));
    };
    request.once("error", () => refuse("the server does not answer"));
    // A request can be closed without an error or an answer.
    request.once("close", () => refuse("the server does not answer"));
    let informational = 0;
    request.on("information", () => {
      informational += 1;
      if (informational > MAX_INFORMATIONAL) refuse("the server sends too many informational answers");
    });
    request.once("upgrade", () => refuse("the server answered HTTP 101"));
    request.once("response", (response) => {
      // The reader of the body gets its errors. Without a reader they must not end the process.
      response.on("error", () => undefined);
      closeWith(response, socket);
      resolve(response);
    });
    request.end(body ?? undefined);
  });
}

/** Closes the socket too: destroying the response does not close a socket that was given to the request. */
function closeWith(response: IncomingMessage, socket: TLSSocket): void {
  response.once("close", () => socket.destroy());
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage): string | null {
  return [301, 302, 303, 307, 308].includes(statusCode) ? (headers.location ?? "") : null;
}

function bodyOf(response: IncomingMessage, isRedirected: boolean): FetchedBody {
  const status = response.statusCode ?? 0;
  const refuse = (fault: EgressFault): never => {
    response.destroy();
    throw fault;
  };
  if (status !== 200) refuse(statusFault(status, isRedirected, response.headers["retry-after"]));
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") refuse(new EgressFault("unsuitable", "the server's answer is encoded"));
  const length = response.headers["content-length"];
  if (length === undefined && response.headers["transfer-encoding"] === undefined) {
    // Such a body ends with the connection, so a truncated body cannot be distinguished from a complete one.
    refuse(new EgressFault("passing", "the server does not say how long its answer is", { status }));
  }
  return {
    lengthBytes: length === undefined ? null : Number(length),
    chunks: response,
    close: () => response.destroy(),
  };
}

function statusFault(status: number, isRedirected: boolean, retryAfter: string | undefined): EgressFault {
  const reason = `the server ${isRedirected ? "redirected to a link that " : ""}answered HTTP ${status}`;
  const answered = { status, isRedirected };
  if ([400, 401, 403, 404, 410].includes(status)) return new EgressFault("gone", reason, answered);
  return new EgressFault("passing", reason, {
    ...answered,
    retryAfterMs: retryAfterMs(retryAfter, Date.now()),
  });
}
