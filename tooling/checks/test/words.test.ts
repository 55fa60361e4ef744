import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { projectFiles, read } from "./tracked-files.ts";

/* Names are plain and have one meaning. The signatures of SQL functions keep their words, because they never change. */

const FORBIDDEN = new Map([
  ["manager", "name what it does"],
  ["helper", "name what it does"],
  ["util", "name what it does"],
  ["most", "max"],
  ["least", "min"],
  ["fewest", "min"],
  ["patience", "timeout"],
  ["tenant", "organization"],
  ["tenancy", "organizations"],
  ["bed", "a word of the field"],
  ["beat", "heartbeat"],
  ["costume", "a word of the field"],
  ["flight", "round trip"],
  ["torn", "a word of the field"],
  ["world", "a word of the field"],
]);
/**
 * Vapi calls an agent an assistant. Only Vapi's folders, code for its API and the columns of older systems use that
 * word.
 */
const SPEAKS_OF_ASSISTANTS =
  /^packages\/(providers\/src\/vapi|testkit\/src\/vapi|simulator\/src|db-operator\/src\/adopt)\/|^apps\/ops\/src\/(deploy\/smoke|organizations|quarantine|simulation)\/|^apps\/api\/src\/rest\/test-calls\//;
/** Names that other programs or committed migrations define. */
const GIVEN = new Set([
  "packageManager",
  "provider_accounts_two_secrets_at_most",
  // Running workers of an older release call it.
  "beat",
  "call_ledger_manager",
]);

const files = projectFiles(/^(apps|packages|tests|tooling)\/.*\.(tsx?|mjs|sql)$/).filter(
  (path) => !path.includes("/migrations/"),
);
const sqlSources = files.filter((path) => path.endsWith(".sql"));
const sources = files.filter((path) => /\.(tsx?|mjs)$/.test(path) && !path.includes("tooling/checks/"));

function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

/** Returns the identifiers of a source, without comments, strings and the arguments of SQL functions. */
function identifiersIn(source: string): Set<string> {
  const code = source
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, " ")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/(?:[^/\\\n]|\\.)+\/[a-z]*/g, " ")
    .replaceAll(/\bmost(Bytes)?: /g, " ");
  return new Set(code.match(/[A-Za-z_$][\w$]*/g));
}

/** Returns the identifiers of SQL, without comments, strings, policies, and the signatures of new functions. */
function identifiersInSql(source: string): Set<string> {
  const code = source.replaceAll(/--.*|'(?:[^']|'')*'|\bcreate policy \w+|\bleast\(/gi, " ");
  const signatures = code.match(/\bcreate or replace function\b[\s\S]*?\blanguage\b/gi) ?? [];
  const given = new Set(signatures.flatMap((signature) => signature.match(/[a-z_]\w*/gi) ?? []));
  return new Set(code.match(/[a-z_]\w*/gi)?.filter((name) => !given.has(name)));
}

/** Returns the SQL in a source, without the values between. */
function sqlIn(source: string): string {
  const texts = source.matchAll(/\bsql(?:<[^>`]*>)?`([^`]*)`/g);
  return [...texts]
    .map(([, text = ""]) => text.replaceAll(/\$\{[^}]*\}|\bmost(?:_bytes)? =>/g, " "))
    .join("\n");
}

function faults(name: string): string[] {
  if (GIVEN.has(name)) return [];
  return wordsOf(name).flatMap((word) => {
    const instead = FORBIDDEN.get(word) ?? FORBIDDEN.get(word.replace(/s$/, ""));
    return instead === undefined ? [] : [`${name}: not "${word}", but ${instead}`];
  });
}

test("there are files to check", () => {
  expect(sources.length).toBeGreaterThan(500);
  expect(identifiersIn('const maxItems = "most"; // least').has("maxItems")).toBe(true);
  expect(identifiersIn('const maxItems = "most"; // least').has("most")).toBe(false);
  expect(sqlSources.length).toBeGreaterThan(100);
  expect(sqlIn("sql<number>`select a as most`")).toBe("select a as most");
  expect(identifiersInSql("select 'most' as torn -- beat")).toEqual(new Set(["select", "as", "torn"]));
  expect(faults("COSTUMES")).toHaveLength(1);
  expect(faults("mostItems")).toEqual(['mostItems: not "most", but max']);
});

describe("names", () => {
  test("of files", () => {
    expect([...sources, ...sqlSources].flatMap((path) => faults(basename(path, ".sql")))).toEqual([]);
  });

  test("in sources", () => {
    const found = sources.flatMap((path) =>
      [...identifiersIn(read(path))].flatMap((name) => faults(name).map((fault) => `${path}: ${fault}`)),
    );
    expect(found).toEqual([]);
  });

  test("in SQL", () => {
    const texts = [
      ...sqlSources.map((path) => [path, read(path)] as const),
      ...sources.map((path) => [path, sqlIn(read(path))] as const),
    ];
    const found = texts.flatMap(([path, text]) =>
      [...identifiersInSql(text)].flatMap((name) => faults(name).map((fault) => `${path}: ${fault}`)),
    );
    expect(found).toEqual([]);
  });

  test("contain `assistant` only in code for Vapi", () => {
    const production = sources.filter(
      (path) =>
        /^(apps|packages)\/[^/]+\/src\//.test(path) &&
        !/\.test\.ts$|\/testing\//.test(path) &&
        !SPEAKS_OF_ASSISTANTS.test(path),
    );
    const found = production.flatMap((path) =>
      [...identifiersIn(read(path))]
        .filter((name) => wordsOf(name).includes("assistant"))
        .map((name) => `${path}: ${name}`),
    );
    expect(found).toEqual([]);
  });
});

/** Words for their charm, and other words for a bound or an organization. */
const NOT_IN_PROSE = /\b(costumes?|flight|torn|patience|fewest|tenants?)\b/i;

/** Returns the comments of a source. */
function commentsIn(source: string): string[] {
  return source.match(/\/\*[\s\S]*?\*\/|(?<=^\s*)\/\/.*|^\s*--.*/gm) ?? [];
}

describe("prose", () => {
  test.each([
    ["of documents", projectFiles(/\.md$/), (text: string) => text.split("\n")],
    ["of comments", files.filter((path) => !path.includes("tooling/checks/")), commentsIn],
  ] as const)("%s", (_where, paths, partsOf) => {
    const found = paths.flatMap((path) =>
      partsOf(read(path)).flatMap((part) => {
        const word = NOT_IN_PROSE.exec(part)?.[0];
        return word === undefined ? [] : [`${path}: ${word}`];
      }),
    );
    expect(found).toEqual([]);
  });
});

test("a line of prose in a document has at most 120 characters", () => {
  const found = projectFiles(/\.md$/).flatMap((path) => {
    const prose = read(path).replaceAll(/^```[\s\S]*?^```/gm, "");
    // A table's row and a link are never wrapped.
    const long = prose.split("\n").filter((line) => line.length > 120 && !/^\s*(\||!?\[)/.test(line));
    return long.map((line) => `${path}: ${line}`);
  });
  expect(found).toEqual([]);
});

test("a line of a comment in a TypeScript source has at most 120 characters", () => {
  const found = projectFiles(/\.tsx?$/).flatMap((path) => {
    const lines = commentsIn(read(path)).flatMap((comment) => comment.split("\n"));
    return lines.filter((line) => line.length > 120).map((line) => `${path}: ${line}`);
  });
  expect(found).toEqual([]);
});
