import { expect, test } from "vitest";
import type { JournalEntry } from "./journal.ts";
import { journalFault, MIGRATIONS_FOLDER, readJournal } from "./journal.ts";

const journal: JournalEntry[] = [
  { tag: "0000_a", when: 1, hash: "a" },
  { tag: "0001_b", when: 2, hash: "b" },
];
const applied = journal.map(({ hash, when }) => ({ hash, createdAt: when }));

test("our own journal has no fault, for any number of applied migrations", () => {
  const own = readJournal(MIGRATIONS_FOLDER);
  expect(own.length).toBeGreaterThan(1);
  for (let count = 0; count <= own.length; count++) {
    const done = own.slice(0, count).map(({ hash, when }) => ({ hash, createdAt: when }));
    expect(journalFault(own, done)).toBeNull();
  }
});

test.each([
  [
    "stamped before the one it follows",
    [journal[1], { ...journal[0], tag: "0002_late", when: 2 }],
    [],
    /0002_late is stamped before 0001_b/,
  ],
  [
    "edited after it was applied",
    [journal[0], { ...journal[1], hash: "edited" }],
    applied,
    /0001_b was edited/,
  ],
  ["not the one that was applied", [journal[0], { ...journal[1], when: 3 }], applied, /histories differ/],
  ["unknown to this release", [journal[0]], applied, /deploy the newer release/],
] as [string, JournalEntry[], typeof applied, RegExp][])(
  "a migration that is %s is named",
  (_what, entries, done, message) => {
    expect(journalFault(entries, done)).toMatch(message);
  },
);
