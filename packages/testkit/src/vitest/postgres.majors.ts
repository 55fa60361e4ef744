import { binariesOf, type PostgresBinaries } from "@call-ledger/local-postgres";

/** The older majors on which migrations and functions have to work. */
export type OlderMajor = 15 | 16 | 17;

/** @throws Error on a platform without binaries in the package, which has them for Linux x64 and arm64 */
export function olderBinaries(major: OlderMajor): PostgresBinaries {
  return binariesOf(`postgres-${major}-${process.platform}-${process.arch}`, import.meta.url);
}
