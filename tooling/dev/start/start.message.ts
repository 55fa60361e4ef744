import { LOOPBACK, urlHost } from "./start.plan.ts";

/** What a person needs once the server is ready. */
export interface ReadyFacts {
  /** The address that the server listens on. */
  readonly host: string;
  readonly port: number;
  /** It was made at random, for the demo; `null`: the environment gave one, which is not shown. */
  readonly secret: string | null;
  /** Undefined when nothing was seeded. */
  readonly assistant?: string;
  /** Signs the operator in, once; undefined when nothing was seeded. */
  readonly signInToken?: string;
  /** `host:port` of the recordings of simulated calls. */
  readonly recordings?: string | undefined;
  /** npm_config_user_agent of the package manager that started us. */
  readonly userAgent: string;
}

/** The text that `npm start` ends its start with; its commands work in the shell that printed it. */
export function readyMessage(facts: ReadyFacts): string {
  const { host, port, secret, assistant, signInToken, recordings, userAgent } = facts;
  const ops = userAgent.startsWith("pnpm/") ? "pnpm --silent ops" : "npm run -s ops --";
  const reachable = urlHost(host);
  const url = `http://${reachable === LOOPBACK ? "localhost" : reachable}:${port}`;
  // Every process of the machine can read a command line, so a given secret stays in the environment.
  const simulate = [
    `${ops} simulate --url ${url}`,
    ...(secret === null ? [] : [`--secret ${shellWord(secret)}`]),
    ...(recordings === undefined ? [] : [`--recordings ${recordings}`]),
  ].join(" ");
  const next = assistant
    ? ["send a whole signed call:", `  ${simulate} --assistant ${assistant}`]
    : [
        "book an agent, then send it a whole signed call:",
        `  ${ops} org create --name NAME`,
        `  ${ops} agent add --org ID --assistant PROVIDER_AGENT_ID`,
        `  ${simulate} --assistant PROVIDER_AGENT_ID`,
      ];
  return [
    "",
    `call-ledger is ready at ${url}`,
    `webhook secret: ${secret ?? "that of VAPI_WEBHOOK_SECRET; simulate reads it from there, too"}`,
    `database: ${ops} db url`,
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
