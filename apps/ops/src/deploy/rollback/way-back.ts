import { incompatibility } from "@call-ledger/db/compatibility";
import type { SchemaState } from "@call-ledger/db/migrate";
import type { StoredBackup } from "../../backup/backup-manifest.ts";
import { isSameCommit } from "../new-version.ts";
import { migrationsKnownBy } from "../preflight/committed-schema.ts";
import type { Git } from "../preflight/git.ts";

/** The state before a release, to which a rollback goes. */
export type WayBack = {
  readonly backup: StoredBackup;
  /** The commit that ran then; `null`: not known. */
  readonly release: string | null;
  /** The number of migrations that this commit knows, or its upper bound. */
  readonly known: number;
};

/**
 * Returns the state before the release that runs; `null` if no backup has it. `backups` are those of the database,
 * newest first; `running` is the commit to go back from, `null` if it is not known. A backup of the running release is
 * a state before it only if the schema has changed since. A deployment that is tried again has several backups, and the
 * later ones have the new schema, so the newest of those with the oldest schema is returned.
 */
export function wayBackIn(
  backups: readonly StoredBackup[],
  { running, schema }: { readonly running: string | null; readonly schema: SchemaState },
): WayBack | null {
  const isOlder = ({ manifest }: StoredBackup) => manifest.migrations.length < schema.version;
  const newest = backups.find((backup) => {
    const { release = null, before_release: target = null } = backup.manifest;
    if (release === null) return isOlder(backup);
    return !isSameCommit(release, target) && (!isSameCommit(release, running) || isOlder(backup));
  });
  if (newest === undefined) return null;
  const { release = null } = newest.manifest;
  const ofRelease = backups.filter(
    (backup) => backup === newest || isSameCommit(backup.manifest.release, release),
  );
  const known = Math.min(...ofRelease.map(({ manifest }) => manifest.migrations.length));
  // A release that cannot run on this schema cannot have worked since an attempt to deploy another commit.
  const mayRun = incompatibility(schema, known) === null;
  const attempts = attemptsBefore(backups.slice(backups.indexOf(newest)), { newest, ofOthersToo: !mayRun });
  const backup = attempts.reduce(
    (oldest, one) => (one.manifest.migrations.length < oldest.manifest.migrations.length ? one : oldest),
    newest,
  );
  return { backup, release, known };
}

/** Returns the backups, newest first, of the successive attempts to replace one release by a commit. */
function attemptsBefore(
  backups: readonly StoredBackup[],
  { newest: { manifest }, ofOthersToo }: { newest: StoredBackup; ofOthersToo: boolean },
): readonly StoredBackup[] {
  const target = manifest.before_release ?? null;
  const isFor = (other: string | null) => (target === null ? other === null : isSameCommit(other, target));
  const deployments = backups.filter((backup) => (backup.manifest.release ?? null) !== null);
  const end = deployments.findIndex(({ manifest: { release, before_release: other = null } }) => {
    const isOfRelease = isSameCommit(release, manifest.release);
    return !(isOfRelease && (ofOthersToo || isFor(other)));
  });
  return end === -1 ? deployments : deployments.slice(0, end);
}

/** Returns the same, with the number of migrations from the history of a clone that has the commit. */
export async function provenWayBack(
  backups: readonly StoredBackup[],
  state: Parameters<typeof wayBackIn>[1],
  git: Git,
): Promise<WayBack | null> {
  const found = wayBackIn(backups, state);
  if (found === null) return null;
  return { ...found, known: (await migrationsKnownBy(git, found.release)) ?? found.known };
}

/** Returns the commit that the newest deployment with a backup was to start; `null` if none names it. */
export function lastDeployed(backups: readonly StoredBackup[]): string | null {
  const [target = null] = backups.flatMap(({ manifest }) => manifest.before_release ?? []);
  return target;
}
