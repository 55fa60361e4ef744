/** A section of a recording in which one side speaks. Seconds count from the start of the recording. */
export type Spoken = { readonly speaker: "agent" | "caller"; readonly from: number; readonly to: number };

const STRETCH = /^([ac])(\d+)-(\d+)$/;
const MS = 1_000;

/** Writes who speaks when as a part of a path, such as `a120-3400,c4100-6020`, in milliseconds. */
export function spokenPath(spoken: readonly Spoken[]): string {
  return spoken
    .map(({ speaker, from, to }) => `${speaker[0]}${Math.round(from * MS)}-${Math.round(to * MS)}`)
    .join(",");
}

/** Reads the text of `spokenPath`. Sections of another form are left out. */
export function spokenIn(path: string): readonly Spoken[] {
  return path.split(",").flatMap((text): Spoken[] => {
    const [, side, from, to] = STRETCH.exec(text) ?? [];
    if (side === undefined) return [];
    return [{ speaker: side === "a" ? "agent" : "caller", from: Number(from) / MS, to: Number(to) / MS }];
  });
}
