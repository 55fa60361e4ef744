/** Returns the result of a housekeeping run in one line, without zero and unknown figures. */
export function figuresIn(result: Readonly<Record<string, number | string | null>>): string {
  const figures = Object.entries(result).filter(([, value]) => value !== 0 && value !== null);
  if (figures.length === 0) return "nothing to do";
  return figures.map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(", ");
}

/** Returns an interval in whole minutes, hours or days. */
export function intervalOf(seconds: number): string {
  for (const [unit, length] of UNITS) {
    if (seconds % length === 0) return `${seconds / length} ${unit}`;
  }
  return `${seconds} s`;
}

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;
