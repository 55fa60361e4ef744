/**
 * The text of a runbook for a reader of the console: without its heading, which is only the name of the condition or
 * alert, and with commands that need nothing but npm, because pnpm may not be installed.
 */
export function runbookText(markdown: string): string {
  return markdown
    .replace(/^# .*\n+/, "")
    .replaceAll("pnpm --silent ops ", "npm run -s ops -- ")
    .replaceAll("pnpm worker", "npm run -s worker");
}
