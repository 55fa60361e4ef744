import { createAppLogin, LOGIN_USES } from "@call-ledger/db/migrate";
import { command } from "../cli/command.ts";
import { ownerUrl } from "./owner-url.ts";

export const dbLoginCommand = command({
  about:
    "Makes a login and prints its URL: the DATABASE_URL of the server. It owns nothing, may book deliveries and do the " +
    "background work, and sees an organization's rows only where it names that organization. With --for api it may not " +
    "do the background work (for servers with WORKER=off), with --for worker nothing else. The password is new every " +
    "time: a server that still has the old one cannot open further connections until it gets the new URL.",
  options: {
    for: {
      value: "USE",
      words: LOGIN_USES,
      about: "What the login is for: all, api or worker; default: all, the server with its background work.",
    },
  },
  examples: ["db login", "db login --for api", "db login --json   prints {url}"],

  async run({ for: use }, { env }) {
    const url = await createAppLogin(ownerUrl(env), { use });
    return { document: { url }, text: [url] };
  },
});
