import { LOOPBACK, urlHost } from "./start.plan.ts";

/** The facts that a person needs after the server is ready. */
export type ReadyFacts = {
  /** The address that the server listens on. */
  readonly host: string;
  readonly port: number;
  /** The random secret of the demo; `null` if the environment has one, which is not printed. */
  readonly secret: string | null;
  /** Undefined if nothing was seeded. */
  readonly assistant?: string;
  /** Signs the operator in, once; undefined if nothing was seeded. */
  readonly signInToken?: string;
  /** `host:port` of the recordings of simulated calls. */
  readonly recordings?: string | undefined;
  /** npm_config_user_agent of the package manager that started this process. */
  readonly userAgent: string;
  /** The file with the api's log. */
  readonly log: string;
};

/** Returns the last text of `npm start`. Its commands work in the shell that printed it. */
export function readyMessage(facts: ReadyFacts): string {
  const { host, port, secret, assistant, signInToken, recordings, userAgent, log } = facts;
  const ops = userAgent.startsWith("pnpm/") ? "pnpm --silent ops" : "npm run -s ops --";
  const reachable = urlHost(host);
  const url = `http://${reachable === LOOPBACK ? "localhost" : reachable}:${port}`;
  // Every process of the machine can read a command line, so a secret of the environment is not printed in a command.
  const simulate = [
    `${ops} simulate --url ${url}`,
    ...(secret === null ? [] : [`--secret ${shellWord(secret)}`]),
    ...(recordings === undefined ? [] : [`--recordings ${recordings}`]),
  ].join(" ");
  const next = assistant
    ? ["send a whole signed call:", `  ${simulate} --assistant ${assistant}`]
    : [
        "add an agent, then send it a whole signed call:",
        `  ${ops} org create --name NAME`,
        `  ${ops} agent add --org ID --assistant PROVIDER_AGENT_ID`,
        `  ${simulate} --assistant PROVIDER_AGENT_ID`,
      ];
  return [
    "",
    `call-ledger is ready at ${url}`,
    `webhook secret: ${secret ?? "that of VAPI_WEBHOOK_SECRET; simulate reads it from there, too"}`,
    `database: ${ops} db url`,
    `log: ${log}; warnings and errors are also shown here`,
    ...next,
    "Ctrl-C stops it; the data stays.",
    ...(signInToken === undefined
      ? []
      : ["", "open the console, signed in (once, within 15 minutes):", `  ${url}/sign-in#${signInToken}`]),
    "",
  ].join("\n");
}

/** The word as a POSIX shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
