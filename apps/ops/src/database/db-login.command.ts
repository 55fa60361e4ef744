import { createAppLogin, LOGIN_USES, LoginTaken } from "@call-ledger/db/migrate";
import { command, failure, usage } from "../cli/command.ts";
import { ownerUrl } from "./owner-url.ts";

export const dbLoginCommand = command({
  about:
    "Creates a login and prints its URL: the DATABASE_URL of the server. The login owns nothing. It may book deliveries and " +
    "do the background work, and sees an organization's rows only in a transaction that names the organization. With " +
    "--for api it may not do the background work (for servers with WORKER=off); with --for worker it may do nothing else. " +
    "Each run sets a new password: a server with the old one cannot open connections until it gets the new URL.",
  options: {
    for: {
      value: "USE",
      words: LOGIN_USES,
      about:
        "the purpose of the login: all, api or worker; default: all, the server with its background work",
    },
    name: {
      value: "NAME",
      about: "default: call_ledger_app, call_ledger_api or call_ledger_background",
      parse: roleName,
    },
  },
  examples: [
    "db login",
    "db login --for api",
    "db login --name call_ledger_app_staging",
    "db login --json   prints {url}",
  ],

  async run({ for: use, name }, { env }) {
    try {
      const url = await createAppLogin(ownerUrl(env), { use, name });
      return { document: { url }, text: [url] };
    } catch (error) {
      if (!(error instanceof LoginTaken)) throw error;
      throw failure(`Nothing was changed: ${error.message}. Choose another name with --name.`);
    }
  },
});

function roleName(text: string, option: string): string {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(text)) return text;
  throw usage(`${option} has to be up to 63 lower-case letters, digits and underscores.`);
}
