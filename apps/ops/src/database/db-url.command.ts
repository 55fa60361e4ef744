import { command } from "../cli/command.ts";
import { libpqUrl } from "./libpq-url.ts";
import { ownerUrl } from "./owner-url.ts";

export const dbUrlCommand = command({
  about:
    "Prints the URL of the database's owner, with its password, in the form of psql and pg_dump: DIRECT_DATABASE_URL, else " +
    "DATABASE_URL, else the database of a local npm start. It does not connect to the database.",
  options: {},
  examples: ["db url", "db url --json   prints {url}"],

  async run(_options, { env }) {
    const url = libpqUrl(ownerUrl(env));
    return { document: { url: url.href }, text: [url.href] };
  },
});
