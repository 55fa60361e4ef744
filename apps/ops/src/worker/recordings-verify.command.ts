import type { Owner, StoredRecording } from "@call-ledger/db-operator/admin";
import { countWithoutChecksum, listStoredRecordings, withOwner } from "@call-ledger/db-operator/admin";
import type { ObjectStorage } from "@call-ledger/storage";
import { compareObject, recordingStorage, StorageFault } from "@call-ledger/storage";
import type { Surroundings } from "../cli/command.ts";
import { command, halfWay, unreachable } from "../cli/command.ts";
import { settingsIn } from "../cli/settings.ts";
import { idsOrAll } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

/** The rows that are read from the database at a time. Memory holds one page of them and a chunk of one object. */
const PAGE = 500;
const PROGRESS_EVERY = 100;
const BEFORE_ALL = "00000000-0000-0000-0000-000000000000";

type Fault = {
  readonly id: string;
  readonly call_id: string | null;
  readonly path: string | null;
  /** `not_stored`: the named recording is not stored. */
  readonly found: "missing" | "different" | "not_stored";
};

type Verified = { checked: number; bytes: number; faults: Fault[] };

export const recordingsVerifyCommand = command({
  about:
    "Reads stored recordings back from the storage, and compares size and SHA-256: the named ones, or all. Exit code " +
    "1, and a list, if an object is missing or different. Recordings whose path came from outside " +
    "(update_call_with_recording_atomically) have no checksum and are skipped.",
  options: { all: { about: "all stored recordings" } },
  values: "[ID…]",
  examples: ["recordings verify --all", "recordings verify 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json"],

  async run({ all }, surroundings, values) {
    const shownBy = "recordings list --status stored";
    const named = idsOrAll(values, all, { what: "recording", shownBy });
    const storage = storageIn(surroundings.env);
    const result: Verified = { checked: 0, bytes: 0, faults: [] };
    const skipped = await withOwner(ownerUrl(surroundings.env), async (owner) => {
      await verify(owner, named, storage, surroundings, result);
      return named === null ? countWithoutChecksum(owner) : 0;
    });
    const { checked, bytes, faults } = result;
    return {
      document: { ok: faults.length === 0, checked, bytes, skipped, faults },
      text: [
        `${checked} recordings read, ${bytes} bytes: ${faults.length === 0 ? "all are unchanged." : `${faults.length} are missing or changed.`}`,
        ...(skipped === 0 ? [] : [`Stored by other means, without a checksum, and not read: ${skipped}.`]),
        ...(faults.length === 0
          ? []
          : [
              "Restore the objects from a copy of the storage under their paths. While the provider still has a recording, it can be stored again.",
            ]),
      ],
      exitCode: faults.length === 0 ? 0 : 1,
    };
  },
});

async function verify(
  owner: Owner,
  ids: readonly string[] | null,
  storage: ObjectStorage,
  surroundings: Pick<Surroundings, "progress">,
  result: Verified,
): Promise<void> {
  const missing = new Set(ids ?? []);
  const note = (fault: Fault) => {
    result.faults.push(fault);
    surroundings.progress(`${fault.found}  ${fault.id}  ${fault.path ?? ""}`.trimEnd());
  };
  for (let after = BEFORE_ALL; ; ) {
    const page = await listStoredRecordings(owner, { ids, after, limit: PAGE });
    for (const recording of page) {
      missing.delete(recording.id);
      const found = await compare(recording, storage, result.checked);
      result.checked += 1;
      result.bytes += recording.sizeBytes;
      if (found !== "same") {
        note({ id: recording.id, call_id: recording.callId, path: recording.path, found });
      }
      if (result.checked % PROGRESS_EVERY === 0) surroundings.progress(`${result.checked} recordings read …`);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = last.id;
  }
  for (const id of missing) note({ id, call_id: null, path: null, found: "not_stored" });
}

async function compare(
  { path, sizeBytes, sha256 }: StoredRecording,
  storage: ObjectStorage,
  checked: number,
) {
  try {
    return await compareObject(storage, { path, sizeBytes, sha256: Buffer.from(sha256, "hex") });
  } catch (error) {
    if (!(error instanceof StorageFault)) throw error;
    const message = `The recordings cannot be read: ${error.reason}. Check STORAGE_DRIVER and its settings.`;
    throw checked === 0 ? unreachable(message) : halfWay(`${message} ${checked} were read before.`);
  }
}

/** Returns the storage of the environment. Other variables may be wrong or missing. */
function storageIn(env: Surroundings["env"]): ObjectStorage {
  const names = Object.keys(env).filter((name) => /^(STORAGE|S3)_/.test(name));
  return recordingStorage(settingsIn(env, names));
}
