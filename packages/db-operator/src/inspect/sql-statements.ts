/** One statement of a script, without its comments. */
export type SqlStatement = {
  readonly text: string;
  /** The lines of its first and last character in the script, from 0. */
  readonly from: number;
  readonly to: number;
};

/**
 * The tokens in the order in which they are tried: the first that matches at a place decides. The body of a function
 * between `begin atomic` and `end;` is one token, and a `case` in it ends with `end` before something else.
 */
const TOKEN =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/)|(?<body>\bbegin\s+atomic\b[\s\S]*?;\s*end(?=\s*;))|(?<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?<tag>\w*)\$[\s\S]*?\$\k<tag>\$)|(?<end>;)|(?<other>[\s\S])/giy;

/** Splits a script at the semicolons outside of quotes, bodies of functions and comments. */
export function sqlStatements(script: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let [text, line, from] = ["", 0, 0];
  for (const match of script.matchAll(TOKEN)) {
    const [token] = match;
    const { comment, end } = match.groups ?? {};
    if (text === "" && (comment !== undefined || /^\s$/.test(token))) {
      line += linesIn(token);
      continue;
    }
    if (text === "") from = line;
    line += linesIn(token);
    if (end === undefined) text += comment === undefined ? token : " ";
    else {
      if (text.trim() !== "") statements.push({ text: text.trim(), from, to: line });
      text = "";
    }
  }
  if (text.trim() !== "") statements.push({ text: text.trim(), from, to: line });
  return statements;
}

/** Returns the parts of a list, cut at the commas outside of parentheses and quotes. */
export function listParts(list: string): string[] {
  const parts: string[] = [];
  let [part, depth] = ["", 0];
  for (const [token] of list.matchAll(TOKEN)) {
    if (token === "," && depth === 0) {
      parts.push(part.trim());
      part = "";
      continue;
    }
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    part += token;
  }
  return [...parts, part.trim()];
}

/** The content of the first parentheses of a text; `null`: there are none, or they are not closed. */
export function inParentheses(text: string): string | null {
  let [inside, depth] = ["", 0];
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === ")") depth -= 1;
    if (token === ")" && depth === 0) return inside.trim();
    if (depth > 0) inside += token;
    if (token === "(") depth += 1;
  }
  return null;
}

function linesIn(token: string): number {
  return token.split("\n").length - 1;
}
