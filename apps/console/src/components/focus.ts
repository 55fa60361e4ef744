/** Of each dialog the element that had the focus before it. */
const openers = new WeakMap<Element, Element | null>();

export function rememberOpener(dialog: Element, opener: Element | null): void {
  openers.set(dialog, opener);
}

/**
 * Gives the focus back to an element. If the element is gone, what opened its menu or its dialog gets the focus, else
 * the title of the page: without any focus the keyboard would begin at the top of the document.
 */
export function focusAgain(element: Element | null): void {
  let place = element;
  while (place !== null && !place.isConnected) place = openerOf(place);
  if (place instanceof HTMLElement) place.focus();
  if (document.activeElement === document.body) focusTitle();
}

function openerOf(gone: Element): Element | null {
  const overlay = gone.closest('[role="dialog"], [role="menu"]');
  if (overlay === null) return null;
  // A menu is labelled by its button.
  return openers.get(overlay) ?? document.getElementById(overlay.getAttribute("aria-labelledby") ?? "");
}

/** Moves the focus to the title of the page, so that a screen reader reads it. */
export function focusTitle(): void {
  const main = document.getElementById("main");
  const title = main?.querySelector("h1") ?? main;
  if (title === null) return;
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
}

/** The ref of a part that can vanish when it is used. If it had the focus, the title of the page gets the focus. */
export function leaveFocus(part: HTMLElement | null): () => void {
  return () => {
    if (part?.contains(document.activeElement)) setTimeout(() => focusAgain(null));
  };
}

/** Moves the focus to the first field inside an element. Returns false if it has none. */
export function focusField(element: Element): boolean {
  const field = element.querySelector<HTMLElement>("input, select, textarea");
  field?.focus();
  return field !== null;
}

/** The dialog that was opened last and is still open. */
export function openDialog(): HTMLElement | null {
  return [...document.querySelectorAll<HTMLElement>('[role="dialog"]')].at(-1) ?? null;
}
