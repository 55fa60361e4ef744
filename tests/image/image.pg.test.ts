import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestDatabase } from "@call-ledger/db/testing";
import { testDatabase } from "@call-ledger/db/testing";
import { NODE_VERSION } from "@call-ledger/dev/bootstrap/toolchain.choice";
import { DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { read } from "../pipeline/project.files.ts";
import { blueprintSchema } from "../pipeline/render.schema.ts";
import type { RehearsedImage } from "./image.rehearsal.ts";
import { argumentsOf, contextFiles, pnpmStore, rehearseImage } from "./image.rehearsal.ts";

const source = read("Dockerfile");
const dockerfile = DockerfileParser.parse(source);
const instructions = dockerfile.getInstructions().map((one) => ({
  keyword: one.getKeyword(),
  rest: argumentsOf(one),
}));
const final = instructions.slice(instructions.findLastIndex(({ keyword }) => keyword === "FROM"));
const saidBy = (keyword: string) => final.filter((one) => one.keyword === keyword).map(({ rest }) => rest);

describe("the Dockerfile", () => {
  test("passes the linter, and the linter finds a fault", () => {
    expect(validate(source)).toEqual([]);
    expect(validate(source.replace("USER node", "USR node")).length).toBeGreaterThan(0);
  });

  test("pins the Node version of the tests by one digest in every stage", () => {
    const bases = instructions.filter(({ keyword }) => keyword === "FROM").map(({ rest }) => rest);
    expect(bases).toHaveLength(2);
    for (const base of bases)
      expect(base).toMatch(new RegExp(`^node:${NODE_VERSION}-[a-z]+-slim@sha256:[0-9a-f]{64}( AS build)?$`));
    expect(bases[0]).toBe(`${bases[1]} AS build`);
  });

  test("ends in a stage with only the bundles, without root, with a healthcheck", () => {
    expect(saidBy("RUN")).toEqual([]);
    expect(saidBy("COPY")).toEqual(["--from=build /app/dist ./dist"]);
    expect(saidBy("USER")).toEqual(["node"]);
    expect(saidBy("HEALTHCHECK")).toHaveLength(1);
  });

  test("starts Node itself, so that SIGTERM reaches it", () => {
    const [command = ""] = saidBy("CMD");
    expect(JSON.parse(command)[0]).toBe("node");
    expect([saidBy("ENTRYPOINT"), saidBy("STOPSIGNAL")]).toEqual([[], ["SIGTERM"]]);
  });

  test("builds and starts as Render's native runtime does", () => {
    const [service] = blueprintSchema.parse(parse(read("render.yaml"))).services;
    const runs = instructions.filter(({ keyword }) => keyword === "RUN").map(({ rest }) => rest);
    expect(runs).toEqual([service?.buildCommand]);
    expect(JSON.parse(saidBy("CMD")[0] ?? "").join(" ")).toBe(service?.startCommand);
  });
});

test("the build context has no secret, no git history and no build output", () => {
  const files = contextFiles();
  expect(files).toEqual(
    expect.arrayContaining(["package.json", "pnpm-lock.yaml", "apps/api/src/start/server.ts"]),
  );
  expect(files.filter((path) => /^(\.git\/|\.env$|dist\/|docs\/)|node_modules|\.md$/.test(path))).toEqual([]);
});

describe("its RUN lines in a clean copy, with an empty HOME", { timeout: 60_000 }, () => {
  let folder: string;
  let image: RehearsedImage;
  let database: TestDatabase;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "image-test-"));
    database = await testDatabase();
    const [home, stages] = [join(folder, "home"), join(folder, "stages")];
    for (const made of [home, stages]) mkdirSync(made);
    const outside = { PATH: process.env.PATH ?? "", HOME: home, pnpm_config_store_dir: pnpmStore() };
    image = rehearseImage(dockerfile, stages, outside);
  }, 300_000);

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await database.drop();
  });

  /** Returns a command of the image that uses the Node of this process. */
  const words = ([program = "", ...args]: readonly string[]) => {
    expect(program).toBe("node");
    return [process.execPath, args] as const;
  };

  test("make an image whose command becomes ready, is healthy, and ends after SIGTERM", async () => {
    expect(existsSync(join(image.folder, "node_modules"))).toBe(false);
    const [program, args] = words(image.command);
    const env = {
      ...image.env,
      PORT: "0",
      DATABASE_URL: database.appUrl,
      VAPI_WEBHOOK_SECRET: "the-secret-of-the-image",
      WORKER: "off",
    };
    const child = spawn(program, args, { cwd: image.folder, env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    let port = "";
    for await (const line of createInterface({ input: child.stdout })) {
      port = /listening on port (\d+)/.exec(line)?.[1] ?? port;
      if (line.includes("Database connectivity confirmed")) break;
    }
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
    const health = () => {
      const [checker, checks] = words(image.healthcheck);
      return spawnSync(checker, checks, { cwd: image.folder, env: { ...image.env, PORT: port } }).status;
    };
    const healthy = health();
    child.kill("SIGTERM");
    expect([ready.status, healthy, await ended, health()]).toEqual([200, 0, 0, 1]);
  });

  test("make the operator's commands", () => {
    const env = { ...image.env, DATABASE_URL: database.ownerUrl };
    const { status, stdout } = spawnSync(process.execPath, ["dist/ops/ops.mjs", "migrate"], {
      cwd: image.folder,
      env,
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([0, expect.stringContaining("Nothing to do")]);
  });
});
