import type { z } from "zod";
import type { Config } from "./environment.schema.ts";
import { environmentSchema, VARIABLES, variableNames } from "./environment.schema.ts";
import { ABOUT } from "./variable.ts";

/** Environment variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The problem of one variable, in words that quote no value. */
export type ConfigProblem = { readonly variable: string; readonly problem: string };

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/**
 * Validates the environment and returns all problems together. An empty variable counts as not set; unknown ones are
 * ignored.
 */
export function loadConfig(env: Environment): ConfigResult {
  const set = Object.fromEntries(
    variableNames().flatMap((name) => {
      const value = env[name]?.trim();
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
  const parsed = environmentSchema.safeParse(set);
  const problems = [
    ...(parsed.success
      ? [...shortSecrets(parsed.data), ...missingTogether(parsed.data)]
      : parsed.error.issues.map(problemOf)),
    ...missingInProduction(set),
  ];
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, config: parsed.data };
}

/** Validates the environment of a process that serves the ledger. It needs the URL of the database in any mode. */
export function loadServerConfig(
  env: Environment,
):
  | { readonly ok: true; readonly config: Config; readonly databaseUrl: string }
  | { readonly ok: false; readonly problems: readonly string[] } {
  const loaded = loadConfig(env);
  if (!loaded.ok) {
    return { ok: false, problems: loaded.problems.map(({ variable, problem }) => `${variable} ${problem}`) };
  }
  const { config } = loaded;
  if (config.DATABASE_URL === null) return { ok: false, problems: ["DATABASE_URL must be set"] };
  return { ok: true, config, databaseUrl: config.DATABASE_URL };
}

function problemOf(issue: z.core.$ZodIssue): ConfigProblem {
  return { variable: issue.path.join("."), problem: issue.message };
}

function missingInProduction(set: Readonly<Record<string, string>>): ConfigProblem[] {
  if (set.NODE_ENV !== "production") return [];
  return variableNames()
    .filter((name) => ABOUT.get(VARIABLES[name])?.requiredInProduction === true && set[name] === undefined)
    .map((variable) => ({ variable, problem: "must be set when NODE_ENV is production" }));
}

function shortSecrets(config: Config): ConfigProblem[] {
  if (config.NODE_ENV !== "production") return [];
  return variableNames().flatMap((variable) => {
    const min = ABOUT.get(VARIABLES[variable])?.minLengthInProduction ?? 0;
    const secrets: readonly unknown[] = [config[variable]].flat();
    if (!secrets.some((secret) => typeof secret === "string" && secret.length < min)) return [];
    const problem =
      `must have at least ${min} characters in each secret when NODE_ENV is production; ` +
      "a comma separates two secrets, so none may contain one";
    return [{ variable, problem }];
  });
}

/** Returns the problems of variables that depend on each other. */
function missingTogether(config: Config): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (config.STORAGE_DRIVER === "s3") {
    const needed = ["S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"] as const;
    for (const name of needed) {
      if (config[name] === null)
        problems.push({ variable: name, problem: "must be set when STORAGE_DRIVER is s3" });
    }
  }
  if (config.NODE_ENV === "production" && config.RECORDING_TEST_HOSTS.length > 0) {
    problems.push({
      variable: "RECORDING_TEST_HOSTS",
      problem: "must not be set when NODE_ENV is production",
    });
  }
  if (config.EVENT_RETENTION_DAYS < config.PAYLOAD_RETENTION_DAYS) {
    problems.push({
      variable: "EVENT_RETENTION_DAYS",
      problem: "must not be less than PAYLOAD_RETENTION_DAYS: a payload is kept with its event",
    });
  }
  if (config.WEBHOOK_TOLERANCE_SECONDS > config.EVENT_RETENTION_DAYS * 86_400) {
    problems.push({
      variable: "WEBHOOK_TOLERANCE_SECONDS",
      problem: "must not be longer than EVENT_RETENTION_DAYS: a repetition is recognised only for that time",
    });
  }
  return problems;
}
