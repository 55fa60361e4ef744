import { inParentheses, listParts, type SqlStatement } from "./sql-statements.ts";

/** A rule that a migration adds for rows which may already exist. Names and expressions are those of the migration. */
export type AddedConstraint = {
  readonly table: string;
  /** The name of the rule, or of the column. */
  readonly name: string;
  readonly rule:
    | { readonly kind: "check"; readonly expression: string }
    | { readonly kind: "not null"; readonly column: string }
    | { readonly kind: "unique"; readonly columns: readonly string[]; readonly where: string | null }
    | {
        readonly kind: "foreign key";
        readonly columns: readonly string[];
        readonly parent: string;
        readonly parentColumns: readonly string[];
      }
    /** A new column without a default that must not be null. */
    | { readonly kind: "required column" };
};

export type ReadMigration = {
  readonly added: readonly AddedConstraint[];
  /** Tables whose rows the migration itself changes, so that present violations may be repaired by it. */
  readonly changed: readonly string[];
  /** Names of the tables and columns that it creates. */
  readonly made: readonly string[];
  /** Statements that may add a rule but cannot be read, by their first words. */
  readonly unread: readonly string[];
};

const NAME = String.raw`(?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?`;
const ALTER_TABLE = new RegExp(
  String.raw`^alter table\s+(?:if exists\s+)?(?:only\s+)?(${NAME})\s+([\s\S]*)$`,
  "i",
);
const ADD_CONSTRAINT = new RegExp(String.raw`^add\s+(?:constraint\s+(${NAME})\s+)?([\s\S]*)$`, "i");
const FOREIGN_KEY = new RegExp(String.raw`^foreign key[\s\S]*?\breferences\s+(${NAME})\s*([\s\S]*)$`, "i");
const SET_NOT_NULL = new RegExp(String.raw`^alter\s+(?:column\s+)?(${NAME})\s+set\s+not\s+null$`, "i");
const ADD_COLUMN = new RegExp(String.raw`^add\s+column\s+(?:if not exists\s+)?(${NAME})\s+([\s\S]*)$`, "i");
const UNIQUE_INDEX = new RegExp(
  String.raw`^create unique index\s+(?:concurrently\s+)?(?:if not exists\s+)?(${NAME})\s+on\s+(?:only\s+)?(${NAME})\s*([\s\S]*)$`,
  "i",
);
const CHANGES_ROWS = new RegExp(
  String.raw`^(?:update\s+(?:only\s+)?|delete from\s+|truncate\s+(?:table\s+)?)(${NAME})`,
  "i",
);
const CREATE_TABLE = new RegExp(String.raw`^create table\s+(?:if not exists\s+)?(${NAME})`, "i");
const MAY_ADD_A_RULE =
  /\badd\s+(?:constraint|check|unique|primary|foreign)\b|\bset\s+not\s+null\b|\bvalidate\s+constraint\b|\bunique\s+index\b/i;

/** Reads the rules that the statements of a migration add for existing rows. */
export function readMigration(statements: readonly SqlStatement[]): ReadMigration {
  const added: AddedConstraint[] = [];
  const later = new Map<string, AddedConstraint>();
  const changed: string[] = [];
  const made: string[] = [];
  const unread: string[] = [];
  for (const { text } of statements) {
    const [, table, actions] = ALTER_TABLE.exec(text) ?? [];
    const index = uniqueIndexIn(text);
    const rows = CHANGES_ROWS.exec(text)?.[1];
    const created = CREATE_TABLE.exec(text)?.[1];
    if (created !== undefined) made.push(plainName(created));
    else if (rows !== undefined) changed.push(plainName(rows));
    else if (index !== null) added.push(index);
    else if (table !== undefined && actions !== undefined) {
      for (const action of listParts(actions)) {
        const constraint = constraintIn(table, action, later);
        const column = ADD_COLUMN.exec(action)?.[1];
        if (column !== undefined) made.push(plainName(column));
        if (constraint === "unread") unread.push(firstWords(action));
        else if (constraint !== null) added.push(constraint);
      }
    } else if (MAY_ADD_A_RULE.test(text) && !/^create\s/i.test(text)) unread.push(firstWords(text));
  }
  return { added, changed, made, unread };
}

type Said = AddedConstraint | "unread" | null;

function constraintIn(table: string, action: string, later: Map<string, AddedConstraint>): Said {
  const [, required] = SET_NOT_NULL.exec(action) ?? [];
  if (required !== undefined)
    return { table, name: plainName(required), rule: { kind: "not null", column: required } };
  const [, validated] = new RegExp(String.raw`^validate\s+constraint\s+(${NAME})$`, "i").exec(action) ?? [];
  if (validated !== undefined) return later.get(plainName(`${table} ${validated}`)) ?? "unread";
  const [, column, definition] = ADD_COLUMN.exec(action) ?? [];
  if (column !== undefined && definition !== undefined) return columnIn(table, column, definition);
  const [, name, what] = ADD_CONSTRAINT.exec(action) ?? [];
  if (what === undefined || /\busing\s+index\b/i.test(what)) return null;
  const rule = ruleIn(what);
  if (rule === null) return MAY_ADD_A_RULE.test(action) ? "unread" : null;
  const constraint = { table, name: plainName(name ?? rule.kind), rule };
  if (!/\bnot\s+valid$/i.test(what)) return constraint;
  later.set(plainName(`${table} ${name}`), constraint);
  return null;
}

function ruleIn(what: string): AddedConstraint["rule"] | null {
  const inside = inParentheses(what);
  if (inside === null) return null;
  if (/^check\b/i.test(what)) return { kind: "check", expression: inside };
  if (/^(?:unique|primary key)\b/i.test(what))
    return { kind: "unique", columns: listParts(inside), where: null };
  const [, parent, rest] = FOREIGN_KEY.exec(what) ?? [];
  if (parent === undefined || rest === undefined || !rest.startsWith("(")) return null;
  const parentColumns = listParts(inParentheses(rest) ?? "");
  return { kind: "foreign key", columns: listParts(inside), parent, parentColumns };
}

function columnIn(table: string, column: string, definition: string): AddedConstraint | null {
  const hasValue = /\b(?:default|generated|serial|bigserial|smallserial)\b/i.test(definition);
  if (!/\bnot\s+null\b/i.test(definition) || hasValue) return null;
  return { table, name: plainName(column), rule: { kind: "required column" } };
}

function uniqueIndexIn(text: string): AddedConstraint | null {
  const [, name, table, rest] = UNIQUE_INDEX.exec(text) ?? [];
  const inside = rest === undefined ? null : inParentheses(rest);
  if (name === undefined || table === undefined || rest === undefined || inside === null) return null;
  const where = /\)\s*(?:include\s*\([^)]*\)\s*)?where\s+([\s\S]*)$/i.exec(rest)?.[1] ?? null;
  const columns = listParts(inside).map((part) =>
    part.replace(/\s+(?:asc|desc|nulls\s+\w+|\w+_ops)\b/gi, ""),
  );
  return { table, name: plainName(name), rule: { kind: "unique", columns, where } };
}

/** A name without quotes, and without the schema of all our tables. */
export function plainName(name: string): string {
  return name.replaceAll('"', "").replace(/^public\./, "");
}

function firstWords(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 60);
}
