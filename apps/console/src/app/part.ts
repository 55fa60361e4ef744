/** A part of the console could not be fetched: the server is away, or a newer release has other files. */
export class PartMissing extends Error {
  override readonly name = "PartMissing";
}

/**
 * Fetches a part of the console that is loaded when it is needed.
 * @throws PartMissing which `Crashed` mends by loading the page anew: the browser asks for a file that failed only once
 */
export async function part<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new PartMissing("a part of the console could not be fetched", { cause });
  }
}

const RELOADED_AT = "reloaded-at";
/** A page that was loaded anew so lately does it again only when somebody asks for it. */
const RELOAD_EVERY_MS = 30_000;
const ASK_EVERY_MS = 1_000;

/**
 * Loads the page anew once the server answers. Filters and the open call are in the URL, so nothing is lost.
 * @returns ends the waiting
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
