import { createAppLogin } from "@call-ledger/db/migrate";
import { command } from "../cli/command.ts";
import { ownerUrl } from "./owner-url.ts";

export const dbLoginCommand = command({
  about:
    "Makes the login call_ledger_app and prints its URL: the DATABASE_URL of the server. It owns nothing, may book " +
    "deliveries, and sees an organization's rows only where it names that organization. The password is new every " +
    "time: a server that still has the old one cannot open further connections until it gets the new URL.",
  options: {},
  examples: ["db login", "db login --json   prints {url}"],

  async run(_options, { env }) {
    const url = await createAppLogin(ownerUrl(env));
    return { document: { url }, text: [url] };
  },
});
