import { accessSync, constants, mkdirSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

/**
 * npm and pnpm keep their caches under HOME; a service user's may be missing or read-only.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} stateFolder
 * @returns {NodeJS.ProcessEnv} with a HOME that can be written to
 */
export function withUsableHome(env, stateFolder) {
  if (env.HOME && isWritable(env.HOME)) return env;
  const account = accountHome();
  const home = account && isWritable(account) ? account : join(stateFolder, "home");
  mkdirSync(home, { recursive: true, mode: 0o711 });
  // An npm that started us has already derived its cache from the other HOME and exported it.
  return { ...env, HOME: home, npm_config_cache: join(home, ".npm") };
}

function accountHome() {
  try {
    return userInfo().homedir;
  } catch {
    return undefined;
  }
}

/** @param {string} folder */
function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Without DATABASE_URL an operator's command works on the database of `npm start`; never in production.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} stateFolder where `npm start` writes `local.json`
 * @returns {NodeJS.ProcessEnv} with DATABASE_URL and DIRECT_DATABASE_URL when they were not set and are known, and with
 *   the ENCRYPTION_KEY of that database unless there is one
 */
export function localDatabase(env, stateFolder) {
  if (env.DATABASE_URL || env.NODE_ENV === "production") return env;
  try {
    const { databaseUrl, directDatabaseUrl, encryptionKey } = JSON.parse(
      readFileSync(join(stateFolder, "local.json"), "utf8"),
    );
    if (typeof databaseUrl !== "string" || typeof directDatabaseUrl !== "string") return env;
    const urls = { DATABASE_URL: databaseUrl, DIRECT_DATABASE_URL: directDatabaseUrl };
    return typeof encryptionKey !== "string" || env.ENCRYPTION_KEY
      ? { ...env, ...urls }
      : { ...env, ...urls, ENCRYPTION_KEY: encryptionKey };
  } catch {
    return env;
  }
}
