import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request } from "node:http";
import { dirname, join } from "node:path";
import type { TestStorage } from "./storages.ts";

/**
 * The S3 server of the tests, extended by operations that it lacks: the list of multipart uploads, their abortion, and
 * lists of objects in pages (the server's own tokens need DES, which OpenSSL 3 does not have). A page has two entries.
 */
export type S3Gateway = {
  readonly endpoint: string;
  /** Returns the keys of unfinished uploads. */
  uploads(): string[];
  stop(): Promise<void>;
};

const PAGE = 2;

/** Lists and removes uploads in the server's own folder. All other requests go to the server. */
export async function s3Gateway({ config, folder }: TestStorage): Promise<S3Gateway> {
  const { hostname, port } = new URL(config.S3_ENDPOINT ?? "");
  const uploadsFolder = join(dirname(folder), config.S3_BUCKET ?? "", "._S3rver_uploads");
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? "/", "http://localhost");
    const query = url.searchParams;
    const isGet = incoming.method === "GET";
    const uploadId = incoming.method === "DELETE" ? query.get("uploadId") : null;
    if (isGet && query.has("uploads")) return void response.end(uploadsPage(uploadsFolder, query));
    if (isGet && query.has("list-type")) return void response.end(objectsPage(folder, query));
    if (uploadId === null) return forward(incoming, response, { hostname, port });
    const upload = join(uploadsFolder, uploadId);
    if (!existsSync(upload)) return void response.writeHead(404).end();
    rmSync(upload, { recursive: true });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gateway has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    uploads: () => uploadsIn(uploadsFolder).map(({ key }) => key),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  target: { hostname: string; port: string },
): void {
  const { method, url, headers } = incoming;
  const outgoing = request({ ...target, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on("error", () => response.destroy());
  incoming.pipe(outgoing);
}

function uploadsIn(folder: string): { id: string; key: string; begunAt: Date }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((id) => ({
      id,
      key: readFileSync(join(folder, id, "key"), "utf8"),
      begunAt: statSync(join(folder, id, "key")).mtime,
    }))
    .toSorted((a, b) => (a.key + a.id < b.key + b.id ? -1 : 1));
}

function objectsPage(folder: string, query: URLSearchParams): string {
  const suffix = "._S3rver_object";
  const after = query.get("continuation-token")?.replace(/^&next=/, "") ?? "";
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(suffix))
    .map((path) => ({ key: path.slice(0, -suffix.length), about: statSync(join(folder, path)) }))
    .filter(({ key }) => key.startsWith(query.get("prefix") ?? "") && key > after)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const page = all.slice(0, PAGE);
  const contents = page.map(
    ({ key, about }) =>
      `<Contents><Key>${key}</Key><LastModified>${about.mtime.toISOString()}</LastModified><Size>${about.size}</Size></Contents>`,
  );
  const more = all.length > page.length;
  const next = more ? `<NextContinuationToken>&amp;next=${page.at(-1)?.key}</NextContinuationToken>` : "";
  return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`;
}

function uploadsPage(folder: string, query: URLSearchParams): string {
  const [keyMarker, idMarker] = [query.get("key-marker") ?? "", query.get("upload-id-marker") ?? ""];
  const all = uploadsIn(folder).filter(
    ({ id, key }) => key.startsWith(query.get("prefix") ?? "") && key + id > keyMarker + idMarker,
  );
  const page = all.slice(0, PAGE);
  const uploads = page.map(
    ({ id, key, begunAt }) =>
      `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${begunAt.toISOString()}</Initiated></Upload>`,
  );
  const last = page.at(-1);
  const more =
    last !== undefined && all.length > page.length
      ? `<IsTruncated>true</IsTruncated><NextKeyMarker>${last.key}</NextKeyMarker><NextUploadIdMarker>${last.id}</NextUploadIdMarker>`
      : "<IsTruncated>false</IsTruncated>";
  return `<?xml version="1.0"?><ListMultipartUploadsResult>${more}${uploads.join("")}</ListMultipartUploadsResult>`;
}
