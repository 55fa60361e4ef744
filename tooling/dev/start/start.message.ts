/** What a person needs once the server is ready. */
export interface ReadyFacts {
  readonly port: number;
  /** Shown when it was made at random, for use in the demo. */
  readonly secret: string;
  /** Undefined when nothing was seeded. */
  readonly assistant?: string;
  /** npm_config_user_agent of the package manager that started us. */
  readonly userAgent: string;
}

/** The text that `npm start` ends its start with; its commands work in the shell that printed it. */
export function readyMessage({ port, secret, assistant, userAgent }: ReadyFacts): string {
  const ops = userAgent.startsWith("pnpm/") ? "pnpm --silent ops" : "npm run -s ops --";
  const url = `http://localhost:${port}`;
  const simulate = `${ops} simulate --url ${url} --secret ${shellWord(secret)}`;
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
    `webhook secret: ${secret}`,
    `database: ${ops} db url`,
    ...next,
    "Ctrl-C stops it; the data stays.",
    "",
  ].join("\n");
}

/** The word as a POSIX shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
