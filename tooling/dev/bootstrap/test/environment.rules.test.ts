import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { installEnvironment, localDatabase, withUsableHome } from "../environment.rules.mjs";

const newFolder = () => mkdtempSync(join(tmpdir(), "environment-rules-"));

describe("HOME", () => {
  test("stays the same if it is writable", () => {
    const env = { HOME: newFolder() };
    expect(withUsableHome(env, newFolder())).toBe(env);
  });

  test.each([undefined, "", "/nonexistent"])("%j is replaced, and npm's cache with it", (HOME) => {
    const { HOME: home = "", npm_config_cache } = withUsableHome(
      { ...(HOME === undefined ? {} : { HOME }), npm_config_cache: "/nonexistent/.npm" },
      newFolder(),
    );
    expect(existsSync(home)).toBe(true);
    expect(npm_config_cache).toBe(join(home, ".npm"));
  });
});

test("package managers get the variables of a download and none of the service", () => {
  const needed = {
    PATH: "/bin",
    HOME: "/home/x",
    LC_ALL: "C",
    HTTPS_PROXY: "http://proxy",
    https_proxy: "http://proxy",
    no_proxy: "localhost",
    NODE_EXTRA_CA_CERTS: "/ca.pem",
    SSL_CERT_FILE: "/ca.pem",
    npm_config_registry: "https://registry",
    NPM_CONFIG_CACHE: "/cache",
    pnpm_config_store_dir: "/store",
  };
  const service = {
    NODE_ENV: "production",
    DATABASE_URL: "postgres://app:secret@db/x",
    DIRECT_DATABASE_URL: "postgres://owner:secret@db/x",
    VAPI_WEBHOOK_SECRET: "secret",
    ENCRYPTION_KEY: "secret",
    S3_SECRET_ACCESS_KEY: "secret",
    GITHUB_TOKEN: "secret",
    PGPASSWORD: "secret",
    OWN_HTTPS_PROXY: "secret",
    npm_package_name: "call-ledger",
  };
  expect(installEnvironment({ ...needed, ...service })).toEqual(needed);
});

describe("the database of npm start", () => {
  const urls = {
    databaseUrl: "postgres://app@127.0.0.1/x",
    directDatabaseUrl: "postgres://owner@127.0.0.1/x",
  };
  const given = { DATABASE_URL: urls.databaseUrl, DIRECT_DATABASE_URL: urls.directDatabaseUrl };

  const stateFolder = (more = {}) => {
    const folder = newFolder();
    writeFileSync(join(folder, "local.json"), JSON.stringify({ ...urls, ...more }));
    return folder;
  };

  test("is used if DATABASE_URL is unset or empty", () => {
    expect(localDatabase({}, stateFolder())).toEqual(given);
    expect(localDatabase({ DATABASE_URL: "" }, stateFolder())).toEqual(given);
  });

  test("comes with the encryption key of its secrets, unless another key is set", () => {
    const folder = stateFolder({ encryptionKey: "k" });
    expect(localDatabase({}, folder)).toEqual({ ...given, ENCRYPTION_KEY: "k" });
    expect(localDatabase({ ENCRYPTION_KEY: "own" }, folder)).toEqual({ ...given, ENCRYPTION_KEY: "own" });
  });

  test("is not used with DATABASE_URL, in production or before the first start", () => {
    for (const env of [{ DATABASE_URL: "postgres://other" }, { NODE_ENV: "production" }]) {
      expect(localDatabase(env, stateFolder())).toBe(env);
    }
    expect(localDatabase({}, newFolder())).toEqual({});
  });

  test("is not read from an unusable file", () => {
    const folder = newFolder();
    writeFileSync(join(folder, "local.json"), JSON.stringify({ databaseUrl: 5 }));
    expect(localDatabase({}, folder)).toEqual({});
  });
});
