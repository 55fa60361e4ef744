/** What a label may look like; anything else a sender made up. */
const NAME = /^[A-Za-z][\w.-]{0,63}$/;

/** Gives names as labels, the first `max` different ones under their own name, all others as `other`. */
export function labelsWithin(max: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= max || !NAME.test(name)) return "other";
    known.add(name);
    return name;
  };
}
