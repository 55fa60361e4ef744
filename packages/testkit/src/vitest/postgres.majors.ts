import { binariesOf, type PostgresBinaries } from "@call-ledger/local-postgres";

/** The older majors that migrations and functions have to work on. */
export type OlderMajor = 15 | 16 | 17;

/**
 * @throws Error on a platform that the package has no binaries for: they are declared for Linux x64 and arm64
 */
export function olderBinaries(major: OlderMajor): PostgresBinaries {
  return binariesOf(`postgres-${major}-${process.platform}-${process.arch}`, import.meta.url);
}
