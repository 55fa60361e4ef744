/** The allowed form of a label. A value of another form was made up by the sender. */
const NAME = /^[A-Za-z][\w.-]{0,63}$/;

/** Turns names into labels: the first `max` different names keep their name, all others become `other`. */
export function labelsWithin(max: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= max || !NAME.test(name)) return "other";
    known.add(name);
    return name;
  };
}
