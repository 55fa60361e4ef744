import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { installDependencies } from "../install.step.mjs";
import { missingTools, pinnedPnpm } from "../toolchain.choice.mjs";
import { fetchPackages } from "../toolchain.fetch.mjs";
import { provideToolchain, whereIs } from "../toolchain.provide.mjs";

const run = promisify(execFile);
const newFolder = () => mkdtempSync(join(tmpdir(), "toolchain-fetch-"));

/** Starts real processes. The bootstrap's own supervisor would also take the signals of this process. */
const supervisor = {
  async capture(command: string, args: string[], { env, cwd }: { env: NodeJS.ProcessEnv; cwd?: string }) {
    const ended = await run(command, args, { env, ...(cwd === undefined ? {} : { cwd }) }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, output: stdout + stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, output: stdout + stderr }),
    );
    return ended;
  },
  run: async () => 0,
};

beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

const TOOL = { name: "tool", version: "1.2.3", bin: { tool: "tool" } };
let registry: Server;
let hash: string;

/** Starts a registry with one package, whose script would leave a file behind. */
beforeAll(async () => {
  const folder = newFolder();
  mkdirSync(join(folder, "package"));
  writeFileSync(
    join(folder, "package/package.json"),
    JSON.stringify({ ...TOOL, scripts: { postinstall: "touch script-ran" } }),
  );
  writeFileSync(join(folder, "package/tool"), "#!/bin/sh\n");
  await run("tar", ["-czf", join(folder, "tool.tgz"), "-C", folder, "package"]);
  const tarball = readFileSync(join(folder, "tool.tgz"));
  hash = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  registry = createServer((request, response) => {
    if (request.url?.endsWith(".tgz")) return response.end(tarball);
    const dist = { tarball: `${addressOf(registry)}tool/-/tool-1.2.3.tgz`, integrity: hash };
    const manifest = { ...TOOL, hasInstallScript: true, dist };
    return response
      .setHeader("content-type", "application/json")
      .end(
        JSON.stringify({ name: "tool", "dist-tags": { latest: "1.2.3" }, versions: { "1.2.3": manifest } }),
      );
  });
  await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
});

afterAll(() => new Promise((resolve) => registry.close(resolve)));

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

const fetchTool = (folder: string, hashes: Record<string, string>) =>
  fetchPackages({
    specs: ["tool@1.2.3"],
    npm: whereIs("npm", process.env) ?? "npm",
    folder,
    env: { PATH: process.env.PATH, HOME: newFolder(), npm_config_registry: addressOf(registry) },
    supervisor,
    hashes,
  });

test("a package with the hash of the repository is installed once, and its scripts do not run", async () => {
  const folder = newFolder();
  const modules = await fetchTool(folder, { "tool@1.2.3": hash });
  expect(readdirSync(join(modules, "tool")).sort()).toEqual(["package.json", "tool"]);
  expect(await fetchTool(folder, { "tool@1.2.3": hash })).toBe(modules);
  expect(readdirSync(folder)).toHaveLength(1);
}, 60_000);

test("a package with another hash is refused and leaves nothing behind", async () => {
  const folder = newFolder();
  const other = `sha512-${createHash("sha512").update("other").digest("base64")}`;
  await expect(fetchTool(folder, { "tool@1.2.3": other })).rejects.toThrow(/EINTEGRITY/);
  expect(readdirSync(folder)).toEqual([]);
}, 60_000);

test("a package without a hash is refused before npm starts", async () => {
  await expect(fetchTool(newFolder(), {})).rejects.toThrow("There is no hash of tool@1.2.3.");
});

const SECRETS = { DATABASE_URL: "postgres://secret", VAPI_WEBHOOK_SECRET: "secret" };
const PROXY = "http://proxy.example:3128";

/** Makes a folder with a program of this name, which writes its environment to a file and fails. */
function spy(name: string) {
  const folder = newFolder();
  const seen = join(folder, "seen");
  writeFileSync(join(folder, name), `#!/bin/sh\n/usr/bin/env > ${seen}\nexit 1\n`, { mode: 0o755 });
  return { folder, program: join(folder, name), seen: () => readFileSync(seen, "utf8") };
}

test("the install does not see the secrets of the service", async () => {
  const pnpm = spy("pnpm");
  const env = { PATH: process.env.PATH, https_proxy: PROXY, ...SECRETS };
  const tools = { pnpm: pnpm.program };
  await expect(
    installDependencies({ root: newFolder(), scope: "everything", tools, env, supervisor }),
  ).rejects.toThrow("pnpm install failed");
  expect(pnpm.seen()).toContain(`https_proxy=${PROXY}`);
  expect(pnpm.seen()).not.toMatch(/secret/i);
});

test.runIf(process.platform === "linux")("the fetch of the toolchain does not see them either", async () => {
  const npm = spy("npm");
  const stateFolder = newFolder();
  const env = { PATH: npm.folder, https_proxy: PROXY, ...SECRETS };
  await expect(
    provideToolchain({ stateFolder, pnpmVersion: "12.21.0", needsPnpm: true, env, supervisor }),
  ).rejects.toThrow("could not be fetched");
  expect(npm.seen()).toContain(`https_proxy=${PROXY}`);
  expect(npm.seen()).not.toMatch(/secret/i);
  expect(existsSync(join(stateFolder, "toolchain.json"))).toBe(false);
});

test("the pinned toolchain has a hash for each machine that fetches it", () => {
  const { packageManager } = JSON.parse(
    readFileSync(new URL("../../../../package.json", import.meta.url), "utf8"),
  );
  const hashes = JSON.parse(readFileSync(new URL("../toolchain.hashes.json", import.meta.url), "utf8"));
  const specs = ["x64", "arm64"].flatMap((arch) =>
    missingTools(
      { node: "18.0.0", pnpm: undefined, platform: "linux", arch },
      pinnedPnpm({ packageManager }),
    ),
  );
  expect(Object.keys(hashes).sort()).toEqual(specs.sort());
});
