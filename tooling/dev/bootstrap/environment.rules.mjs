import { accessSync, constants, mkdirSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

/**
 * npm and pnpm keep their caches below HOME. The HOME of a service user may be missing or read-only.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} stateFolder
 * @returns {NodeJS.ProcessEnv} the environment with a writable HOME
 */
export function withUsableHome(env, stateFolder) {
  if (env.HOME && isWritable(env.HOME)) return env;
  const account = accountHome();
  const home = account && isWritable(account) ? account : join(stateFolder, "home");
  mkdirSync(home, { recursive: true, mode: 0o711 });
  // If npm started this process, it has already derived its cache from the other HOME and exported it.
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

const INSTALL_NAMES = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "TERM",
  "TMPDIR",
  "LANG",
  "TZ",
  "CI",
  "LD_LIBRARY_PATH",
  "NODE_OPTIONS",
  "NODE_EXTRA_CA_CERTS",
  "NODE_USE_ENV_PROXY",
  "NODE_USE_SYSTEM_CA",
  "PNPM_HOME",
]);
const INSTALL_PREFIXES = /^(?:LC_|XDG_|SSL_|NIX_SSL_|COREPACK_|p?npm_config_)/i;
const PROXIES = /^(?:https?|all|no)_proxy$/i;

/**
 * Package managers get this environment. Scripts of packages run in it, so it has no secret of the service. Without
 * NODE_ENV=production pnpm also installs the packages that the other tasks need.
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv} only the variables that a download and an install read
 */
export function installEnvironment(env) {
  const names = Object.keys(env).filter(
    (name) => INSTALL_NAMES.has(name) || INSTALL_PREFIXES.test(name) || PROXIES.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

/**
 * Gives an operator's command without DATABASE_URL the database of `npm start`; never in production.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} stateFolder the folder in which `npm start` writes `local.json`
 * @returns {NodeJS.ProcessEnv} the environment with DATABASE_URL and DIRECT_DATABASE_URL, if they were not set and are
 * known, and with the ENCRYPTION_KEY of that database, if it has none
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
