import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningApi } from "../harness/running-api.ts";
import { NO_DATABASE, NO_STORAGE, startApi } from "../harness/running-api.ts";

const SCRIPT = "console.log('the console');";
const PAGE = '<!doctype html><meta property="csp-nonce" content="%CSP_NONCE%"><title>console</title>';
const HTML = { headers: { accept: "text/html,application/xhtml+xml" } };

let folder: string;
let api: RunningApi;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "console-test-"));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), PAGE);
  writeFileSync(join(folder, "reference.html"), PAGE.replace("console", "reference"));
  writeFileSync(join(folder, "manifest.json"), "{}");
  writeFileSync(join(folder, "assets/index-1a2b.js"), SCRIPT);
  writeFileSync(join(folder, "assets/replaced-5e6f.js"), SCRIPT);
  writeFileSync(join(folder, "assets/replaced-5e6f.js.gz"), gzipSync(SCRIPT));
  writeFileSync(join(folder, "assets/index-1a2b.js.br"), brotliCompressSync(SCRIPT));
  writeFileSync(join(folder, "assets/index-1a2b.js.gz"), gzipSync(SCRIPT));
  api = await startApi(NO_DATABASE, { CONSOLE_PATH: folder });
});

afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});

describe("the page", () => {
  test.each(["/", "/calls", "/calls/6f1d?x=1", "/operator/quarantine"])("is at %s", async (path) => {
    const reply = await fetch(`${api.url}${path}`, HTML);
    expect([reply.status, reply.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(reply.headers.get("cache-control")).toBe("no-cache");
    expect(await reply.text()).toContain("<title>console</title>");
  });

  test("has a policy that forbids inline scripts and other hosts, with a new nonce each time", async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const reply = await fetch(`${api.url}/`, HTML);
        const policy = reply.headers.get("content-security-policy") ?? "";
        const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
        expect(await reply.text()).toContain(`content="${nonce}"`);
        expect(policy).not.toMatch(/unsafe|https?:|\*/);
        expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-");
        expect(policy).toContain("frame-ancestors 'none'");
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  test("plays recordings from the bucket, if there is one", async () => {
    const other = await startApi(NO_DATABASE, { CONSOLE_PATH: folder, ...NO_STORAGE });
    const reply = await fetch(`${other.url}/`, HTML);
    expect(reply.headers.get("content-security-policy")).toContain("media-src 'self' http://127.0.0.1:1;");
    await other.stop();
  });
});

test.each(["/docs", "/docs/"])(
  "the reference of the API is at %s, with a policy of its own",
  async (path) => {
    const reply = await fetch(`${api.url}${path}`);
    const policy = reply.headers.get("content-security-policy") ?? "";
    expect(await reply.text()).toContain("<title>reference</title>");
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'nonce-");
    expect(policy.replace("style-src-attr 'unsafe-inline'", "")).not.toMatch(/unsafe|https?:|\*|media-src/);
    expect((await fetch(`${api.url}/docs/other`, HTML)).status).toBe(404);
  },
);

describe("a file", () => {
  test.each([
    ["gzip, deflate, br", "br"],
    ["gzip;q=1.0", "gzip"],
    ["identity", null],
  ])(
    "for a browser that accepts %s is sent as %s, and may be cached for ever",
    async (accepted, encoding) => {
      const reply = await fetch(`${api.url}/assets/index-1a2b.js`, {
        headers: { "accept-encoding": accepted },
      });
      expect([reply.status, reply.headers.get("content-encoding")]).toEqual([200, encoding]);
      expect(reply.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(reply.headers.get("vary")).toBe("accept-encoding");
      expect(reply.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
      expect(await reply.text()).toBe(SCRIPT);
    },
  );

  test.each([
    "/assets/index-older.js",
    "/assets/",
    "/assets/..%2findex.html",
    "/manifest.json",
    "/index.html",
    "/reference.html",
  ])("that the build does not have is not found: %s", async (path) => {
    expect((await fetch(`${api.url}${path}`)).status).toBe(404);
  });
});

test.each([
  ["GET", "/api/v1/nothing", HTML],
  ["GET", "/health/other", HTML],
  ["GET", "/nothing", {}],
  ["POST", "/calls", HTML],
])("%s %s is not a page", async (method, path, options) => {
  const reply = await fetch(`${api.url}${path}`, { method, ...options });
  expect([reply.status, reply.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
});

test("without a built console the root answers that it is not built", async () => {
  const bare = await startApi(NO_DATABASE, { CONSOLE_PATH: join(folder, "nothing") });
  const root = await fetch(`${bare.url}/`);
  expect([root.status, await root.json()]).toMatchObject([
    404,
    { detail: expect.stringContaining("not built") },
  ]);
  expect((await fetch(`${bare.url}/calls`, HTML)).status).toBe(404);
  await bare.stop();
});

test("a file that a new build has removed is not found, and caches do not keep the answer", async () => {
  for (const suffix of ["", ".gz"]) rmSync(join(folder, `assets/replaced-5e6f.js${suffix}`));
  const reply = await fetch(`${api.url}/assets/replaced-5e6f.js`, { headers: { "accept-encoding": "gzip" } });
  expect([reply.status, reply.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
  expect(reply.headers.get("cache-control")).toBe("no-store");
  expect(await reply.json()).toMatchObject({ status: 404 });
});
