/** The same form as in the tables' constraint. It excludes POSIX rules such as `XYZ+3`, which Postgres accepts. */
const NAME = /^(?:UTC|[A-Z][A-Za-z]+(?:\/[A-Z][A-Za-z_-]+)+)$/;

/** Returns whether a text is the name of an IANA time zone that this process knows, such as `Europe/Vienna`. */
export function isTimeZone(name: string): boolean {
  if (!NAME.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
