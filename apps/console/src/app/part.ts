const NAME = "PartMissing";

/**
 * Marks the error when a part of the console could not be fetched: the server does not answer, or a newer release has
 * other files. The router recognizes such an error by the start of its message, and would load the page again at once,
 * also while the server does not answer.
 */
export function markMissingParts(): void {
  window.addEventListener("vite:preloadError", ({ payload }) => {
    payload.name = NAME;
    payload.message = `a part of the console could not be fetched: ${payload.message}`;
  });
}

/** Whether a part is missing. `Crashed` then loads the page again, because the browser asks only once for a file. */
export function isPartMissing(error: unknown): boolean {
  return error instanceof Error && error.name === NAME;
}

const RELOADED_AT = "reloaded-at";
/** Within this time after a reload, the page is loaded again only if the user asks for it. */
const RELOAD_EVERY_MS = 30_000;
const ASK_EVERY_MS = 1_000;

/**
 * Loads the page again when the server answers. Filters and the open call are in the URL, so nothing is lost.
 * @returns a function that ends the waiting
 */
export function reloadWhenBack(): () => void {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED_AT)) < RELOAD_EVERY_MS) return () => undefined;
  const timer = setInterval(async () => {
    const answer = await fetch("/", { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    clearInterval(timer);
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    location.reload();
  }, ASK_EVERY_MS);
  return () => clearInterval(timer);
}
