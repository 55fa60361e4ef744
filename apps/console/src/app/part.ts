/** A part of the console could not be fetched: the server does not answer, or a newer release has other files. */
export class PartMissing extends Error {
  override readonly name = "PartMissing";
}

/**
 * Fetches a part of the console that is loaded when it is needed.
 * @throws PartMissing which `Crashed` mends by loading the page again, because the browser asks only once for a file
 */
export async function part<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new PartMissing("a part of the console could not be fetched", { cause });
  }
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
