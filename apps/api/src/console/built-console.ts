import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

/** The compressed forms of a file. The first form that the browser accepts is sent. */
const ENCODINGS = [
  { name: "br", suffix: ".br" },
  { name: "gzip", suffix: ".gz" },
] as const;

type Encoding = (typeof ENCODINGS)[number]["name"];

/** A file whose name changes with its content. */
export type Asset = {
  readonly mediaType: string;
  /** Names of the files below the console's folder: the compressed ones, then the file itself. */
  readonly variants: readonly { readonly encoding: Encoding | null; readonly file: string }[];
};

/** The files that `vite build` made from apps/console. */
export type BuiltConsole = {
  /** An absolute path. */
  readonly folder: string;
  /** The texts of its pages, with their placeholder for the nonce. */
  readonly page: string;
  readonly referencePage: string;
  /** By the path below the console's folder, such as `assets/index-1a2b3c.js`. */
  readonly assets: ReadonlyMap<string, Asset>;
};

/** Returns `null` when the console has not been built into the folder. */
export function readBuiltConsole(folder: string): BuiltConsole | null {
  const page = join(folder, "index.html");
  const referencePage = join(folder, "reference.html");
  if (!existsSync(page) || !existsSync(referencePage)) return null;
  const names = new Set(readdirSync(join(folder, "assets")).map((name) => `assets/${name}`));
  const assets = [...names].flatMap((name): [string, Asset][] => {
    const mediaType = MEDIA_TYPES[extname(name)];
    if (mediaType === undefined) return [];
    const packed = ENCODINGS.filter(({ suffix }) => names.has(name + suffix));
    return [
      [
        name,
        {
          mediaType,
          variants: [
            ...packed.map((one) => ({ encoding: one.name, file: name + one.suffix })),
            { encoding: null, file: name },
          ],
        },
      ],
    ];
  });
  return {
    folder,
    page: readFileSync(page, "utf8"),
    referencePage: readFileSync(referencePage, "utf8"),
    assets: new Map(assets),
  };
}
