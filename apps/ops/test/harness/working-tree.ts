import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MIGRATIONS_FOLDER } from "@call-ledger/db/migrate";

/** A clone of a small project with our migrations: clean, built, and level with its upstream. */
export type WorkingTree = {
  readonly root: string;
  readonly migrations: string;
  git(...args: string[]): void;
  write(path: string, text: string): void;
  /** Adds a pending migration, commits and pushes it, and builds. */
  addMigration(name: string, sql: string): void;
  copy(): WorkingTree;
  remove(): void;
};

const NAMED = ["-c", "user.name=t", "-c", "user.email=t@t.test", "-c", "init.defaultBranch=main"];
const BUILT = "dist/api/server.mjs";

export function workingTree(): WorkingTree {
  const folder = newFolder();
  const tree = treeIn(folder);
  mkdirSync(tree.root);
  execFileSync("git", [...NAMED, "init", "-q", "--bare", "upstream"], { cwd: folder });
  tree.git("init", "-q");
  tree.git("remote", "add", "origin", "../upstream");
  tree.write(".gitignore", "dist/\nbackups/\n");
  tree.git("add", "-A");
  tree.git("commit", "-qm", "before");
  tree.write("apps/api/src/server.ts", "export {};\n");
  cpSync(MIGRATIONS_FOLDER, tree.migrations, { recursive: true });
  cpSync(join(MIGRATIONS_FOLDER, "../schema.sql"), join(tree.root, "packages/db/schema.sql"));
  tree.git("add", "-A");
  tree.git("commit", "-qm", "the migrations");
  tree.git("push", "-q", "--set-upstream", "origin", "main");
  build(tree);
  return tree;
}

function treeIn(folder: string): WorkingTree {
  const root = join(folder, "clone");
  const migrations = join(root, "packages/db/migrations");
  const tree: WorkingTree = {
    root,
    migrations,
    git: (...args) => void execFileSync("git", [...NAMED, ...args], { cwd: root, stdio: "pipe" }),
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    addMigration(name, sql) {
      const path = "packages/db/migrations/meta/_journal.json";
      const journal = JSON.parse(readFileSync(join(root, path), "utf8"));
      const [number, last] = [journal.entries.length, journal.entries.at(-1)];
      const tag = `${String(number).padStart(4, "0")}_${name}`;
      journal.entries.push({ ...last, idx: number, when: last.when + 1, tag });
      tree.write(path, JSON.stringify(journal));
      tree.write(`packages/db/migrations/${tag}.sql`, sql);
      tree.write("packages/db/schema.sql", "-- as it will be\n");
      tree.git("add", "-A");
      tree.git("commit", "-qm", tag);
      tree.git("push", "-q");
      build(tree);
    },
    copy() {
      const other = newFolder();
      cpSync(folder, other, { recursive: true, preserveTimestamps: true });
      return treeIn(other);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
  return tree;
}

/** Sets the times of the build to a minute from now. */
function build(tree: WorkingTree): void {
  tree.write(BUILT, "");
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(tree.root, BUILT), later, later);
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "preflight-test-"));
}
