import { redactConfig } from "@call-ledger/config";
import { command } from "../cli/command.ts";
import { serverSettings } from "./server-settings.ts";

export const configCommand = command({
  about:
    "Checks the environment like the server and its worker at their start, and prints every variable with its value or default. Secrets " +
    "are shown as [set], passwords in URLs are hidden. If a setting is wrong, it is named, and the exit code is 1.",
  options: {},
  examples: ["config", "config --json   prints {VARIABLE: value}, or {problems: [{variable, problem}]}"],

  async run(_options, { env }) {
    const loaded = serverSettings(env);
    if (!loaded.ok) {
      const text = loaded.problems.map(({ variable, problem }) => `${variable} ${problem}`);
      return { document: { problems: loaded.problems }, text, exitCode: 1 };
    }
    const printable = redactConfig(loaded.config);
    return {
      document: printable,
      text: Object.entries(printable).map(([name, value]) => `${name}=${value ?? ""}`),
    };
  },
});
