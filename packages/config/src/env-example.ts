import { VARIABLES, variableNames } from "./environment.schema.ts";
import { ABOUT } from "./variable.ts";

const HEADER = `# Every variable that call-ledger reads. Generated from the schema that validates them.
# An empty variable counts as not set. A line that is commented out shows the default.
`;

const WIDTH = 100;

/** Returns the text of `.env.example`. */
export function envExample(): string {
  const lines: string[] = [HEADER];
  let group = "";
  for (const name of variableNames()) {
    const about = ABOUT.get(VARIABLES[name]);
    if (about === undefined) throw new Error(`the variable ${name} has no description`);
    if (about.group !== group) lines.push(`# --- ${about.group} ---\n`);
    group = about.group;
    const must = about.requiredInProduction === true ? " Required in production." : "";
    lines.push(...wrapped(`${about.about}${must}`));
    const preset = [VARIABLES[name].parse(undefined)].flat().join(",");
    lines.push(`${preset === "" ? "" : "# "}${name}=${preset}\n`);
  }
  return lines.join("\n");
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = "#";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "#";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
