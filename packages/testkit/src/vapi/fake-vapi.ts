import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Certificate } from "@call-ledger/simulator/recording";
import { recordingOf } from "../http/source-host.ts";
import type { VapiSettings } from "./settings.ts";
import { emptySettings, failure, isSettingsKind, replyFromSettings } from "./settings.ts";
import type { JsonObject, VapiSnapshot } from "./snapshots.ts";
import { snapshotAt } from "./snapshots.ts";

export type FakeVapiOptions = {
  readonly certificate: Certificate;
  /** The private key that the API requires. */
  readonly apiKey: string;
  /** Returns milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
  /**
   * Returns for how many milliseconds the list of calls shows an earlier state of a call, or none for a new call.
   * Default: 0.
   */
  readonly lagMs?: (callId: string) => number;
  /** For how long a call is kept after its creation, in milliseconds. Default: 14 days. */
  readonly retentionMs?: number;
  /** Requests beyond this rate get 429 with Retry-After. Default: no limit. */
  readonly rate?: { readonly requests: number; readonly perMs: number };
  /** The API key of another customer, who has no calls, no assistants and no numbers. */
  readonly strangersKey?: string;
  /** The order of the list, which Vapi does not document. Default: `newest`, as observed. */
  readonly order?: "newest" | "oldest" | "any";
};

/** Vapi's API and its bucket with real TLS on 127.0.0.1. */
export type FakeVapi = {
  /** `https://localhost:port`, in the form of VAPI_API_URL. */
  readonly url: string;
  /** `localhost:port`, in the form of RECORDING_TEST_HOSTS. */
  readonly testHost: string;
  /** All requests so far: method, path and status. */
  readonly requests: { readonly method: string; readonly path: string; readonly status: number }[];
  /** The settings of the account. Answers come from them, and PATCH changes them. */
  readonly settings: VapiSettings;
  /** Changes the answers of the list from now on. Gets the calls that it would show, and all calls. */
  distortList(distort: ListDistortion): void;
  /** Limits the rate of requests from now on, or no more. */
  limitRate(rate: FakeVapiOptions["rate"]): void;
  /** Adds a call, or replaces its snapshots. */
  keep(callId: string, snapshots: readonly VapiSnapshot[]): void;
  /** Deletes a call, as the provider would. */
  forget(callId: string): void;
  /** Answers each later request for the call's id with 503 or another status, and asks to wait for ten minutes. */
  failFor(callId: string, status?: number): void;
  /** Returns the current answer for the call's id; `null` if the call is not found. */
  callNow(callId: string): JsonObject | null;
  stop(): Promise<void>;
};

type ListDistortion = (shown: readonly JsonObject[], all: readonly JsonObject[]) => Partial<Reply>;

type Reply = { readonly status: number; readonly headers?: Record<string, string>; readonly body: unknown };

const DAY_MS = 86_400_000;
const SIGNED_SECONDS = 1_800;
const MAX_LIMIT = 1_000;
const RECORDING_BYTES = 20_000;

const STRANGERS = emptySettings();
STRANGERS.org.set("org-of-strangers", { name: "Strangers" });

/** Starts the fake on a free port. */
export async function fakeVapi(options: FakeVapiOptions): Promise<FakeVapi> {
  const { certificate, now = Date.now } = options;
  const calls = new Map<string, readonly VapiSnapshot[]>();
  const failing = new Map<string, number>();
  const settings = emptySettings();
  const requests: { method: string; path: string; status: number }[] = [];
  const bucket = signedBucket(now);
  let distort: ListDistortion = () => ({});
  let isOverRate = rateLimit(options.rate, now);

  const replyTo = async (request: IncomingMessage, url: URL): Promise<Reply> => {
    if (url.pathname.startsWith("/bucket/")) return bucket.reply(url);
    if (request.headers.authorization === `Bearer ${options.strangersKey}`) {
      if (url.pathname === "/call") return { status: 200, body: [] };
      const [, kind, id] = url.pathname.split("/");
      if (!isSettingsKind(kind)) return failure(404, "Couldn't find the call.");
      return replyFromSettings(STRANGERS, { kind, id, url, change: null });
    }
    if (request.headers.authorization !== `Bearer ${options.apiKey}`) return failure(401, "Invalid Key.");
    const waitMs = isOverRate();
    if (waitMs > 0) {
      const headers = { "retry-after": String(Math.max(1, Math.ceil(waitMs / 1_000))) };
      return { ...failure(429, "Too many requests."), headers };
    }
    const [, kind, id, artifact] = url.pathname.split("/").map(decodeURIComponent);
    if (isSettingsKind(kind)) {
      const change = request.method === "PATCH" ? await bodyOf(request) : null;
      return replyFromSettings(settings, { kind, id, url, change });
    }
    if (kind !== "call" || request.method !== "GET") return failure(404, "Not found.");
    if (id === undefined) return listCalls(calls, url.searchParams, { ...options, distort }, now());
    const failingWith = failing.get(id);
    if (failingWith !== undefined) {
      return { ...failure(failingWith, "Not now."), headers: { "retry-after": "600" } };
    }
    const call = snapshotAt(calls.get(id) ?? [], now());
    if (call === null) return failure(404, "Couldn't find the call.");
    if (isBeyondRetention(call, options, now())) {
      return failure(
        400,
        "The call is older than the retention of your plan: only the last 14 days are kept.",
      );
    }
    if (artifact === undefined) return { status: 200, body: call };
    return hasRecording(call, artifact)
      ? { status: 302, headers: { location: bucket.sign(origin(), `${id}-${artifact}.wav`) }, body: null }
      : failure(404, "The call has no such artifact.");
  };

  const server = createServer(certificate, (request, response) => {
    const url = new URL(request.url ?? "/", "https://localhost");
    void replyTo(request, url).then((reply) => {
      requests.push({ method: request.method ?? "", path: url.pathname + url.search, status: reply.status });
      send(response, reply);
    });
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the fake has no port");
  const origin = () => `https://localhost:${address.port}`;
  return {
    url: origin(),
    testHost: `localhost:${address.port}`,
    requests,
    settings,
    distortList(by) {
      distort = by;
    },
    limitRate(rate) {
      isOverRate = rateLimit(rate, now);
    },
    keep: (callId, snapshots) => void calls.set(callId, snapshots),
    forget: (callId) => void calls.delete(callId),
    failFor: (callId, status = 503) => void failing.set(callId, status),
    callNow: (callId) => snapshotAt(calls.get(callId) ?? [], now()),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, { status, headers = {}, body }: Reply): void {
  const isBytes = body instanceof Uint8Array;
  const bytes = isBytes ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const type = isBytes ? "audio/wav" : typeof body === "string" ? "application/xml" : "application/json";
  response.writeHead(status, { "content-type": type, "content-length": bytes.length, ...headers }).end(bytes);
}

async function bodyOf(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

type Bounds = Pick<FakeVapiOptions, "lagMs" | "retentionMs" | "order">;

/** `GET /call`: a bare array without a cursor. The calls are in an earlier state. */
function listCalls(
  calls: ReadonlyMap<string, readonly VapiSnapshot[]>,
  query: URLSearchParams,
  { lagMs = () => 0, order = "newest", distort, ...bounds }: Bounds & { readonly distort: ListDistortion },
  now: number,
): Reply {
  const limit = Number(query.get("limit") ?? 100);
  if (!(limit >= 0 && limit <= MAX_LIMIT)) return failure(400, `limit must not be greater than ${MAX_LIMIT}`);
  const shown = [...calls].flatMap(([callId, snapshots]) => {
    const call = snapshotAt(snapshots, now - lagMs(callId));
    return call !== null && !isBeyondRetention(call, bounds, now) && isWanted(call, query) ? [call] : [];
  });
  const age = (call: JsonObject) => (order === "any" ? hashOf(String(call.id)) : timeOf(call.createdAt));
  const sorted = shown.sort((a, b) => (order === "oldest" ? age(a) - age(b) : age(b) - age(a)));
  const all = [...calls.values()].flatMap((snapshots): JsonObject[] => {
    const call = snapshotAt(snapshots, now);
    return call === null ? [] : [call];
  });
  const body = sorted.slice(0, limit);
  return { status: 200, body, ...distort(body, all) };
}

function hashOf(id: string): number {
  return createHmac("sha256", "order").update(id).digest().readUInt32BE(0);
}

function isWanted(call: JsonObject, query: URLSearchParams): boolean {
  const within = ["createdAt", "updatedAt"].every((field) => {
    const at = timeOf(call[field]);
    const bound = (name: string) => {
      const text = query.get(field + name);
      return text === null ? null : Date.parse(text);
    };
    const [gt, ge, lt, le] = [bound("Gt"), bound("Ge"), bound("Lt"), bound("Le")];
    return (
      (gt === null || at > gt) &&
      (ge === null || at >= ge) &&
      (lt === null || at < lt) &&
      (le === null || at <= le)
    );
  });
  const named = ["id", "assistantId", "phoneNumberId"].every(
    (field) => !query.has(field) || query.get(field) === call[field],
  );
  return within && named;
}

function isBeyondRetention(call: JsonObject, { retentionMs = 14 * DAY_MS }: Bounds, now: number): boolean {
  return now - timeOf(call.createdAt) > retentionMs;
}

function timeOf(value: unknown): number {
  return Date.parse(String(value));
}

const RECORDINGS = ["mono", "stereo", "customer", "assistant"].map((channel) => `${channel}-recording`);

function hasRecording(call: JsonObject, artifact: string): boolean {
  return RECORDINGS.includes(artifact) && JSON.stringify(call.artifact ?? null).includes("recording");
}

/**
 * Returns the milliseconds that an account has to wait if it sends too many requests. Refused requests do not count.
 */
function rateLimit(rate: FakeVapiOptions["rate"], now: () => number): () => number {
  let times: number[] = [];
  return () => {
    if (rate === undefined) return 0;
    times = times.filter((time) => now() - time < rate.perMs);
    const [first = now()] = times;
    if (times.length >= rate.requests) return Math.max(1, first + rate.perMs - now());
    times.push(now());
    return 0;
  };
}

/** A private bucket. Like R2 it answers 400 without a signature, and 403 for a wrong or old one. */
function signedBucket(now: () => number) {
  const secret = randomBytes(32);
  const signatureOf = (name: string, signedAt: string) =>
    createHmac("sha256", secret).update(`${name} ${signedAt}`).digest("hex");
  const refused = (status: number, code: string): Reply => ({
    status,
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`,
  });
  return {
    sign(origin: string, name: string): string {
      const signedAt = String(now());
      const query = { "X-Amz-Date": signedAt, "X-Amz-Expires": String(SIGNED_SECONDS) };
      const signature = signatureOf(name, signedAt);
      return `${origin}/bucket/${name}?${new URLSearchParams({ ...query, "X-Amz-Signature": signature })}`;
    },
    reply({ pathname, searchParams }: URL): Reply {
      const name = decodeURIComponent(pathname.slice("/bucket/".length));
      const [signedAt, signature] = [searchParams.get("X-Amz-Date"), searchParams.get("X-Amz-Signature")];
      if (signedAt === null || signature === null) return refused(400, "InvalidArgument");
      const expected = signatureOf(name, signedAt);
      const isSigned =
        signature.length === expected.length &&
        timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
      if (!isSigned) return refused(403, "SignatureDoesNotMatch");
      if (now() > Number(signedAt) + SIGNED_SECONDS * 1_000) return refused(403, "ExpiredRequest");
      return { status: 200, body: recordingOf(RECORDING_BYTES) };
    },
  };
}
