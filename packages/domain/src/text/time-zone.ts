/** As the tables' constraint has it; it excludes POSIX rules such as `XYZ+3`, which Postgres takes for a zone. */
const NAME = /^(?:UTC|[A-Z][A-Za-z]+(?:\/[A-Z][A-Za-z_-]+)+)$/;

/** Whether a text is a name of the IANA time zone database, such as `Europe/Vienna`, as far as this process knows it. */
export function isTimeZone(name: string): boolean {
  if (!NAME.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
