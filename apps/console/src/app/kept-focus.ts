import { useEffect } from "react";
import { focusTitle, openDialog } from "../components/focus.ts";

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']";

/** An element around the one with the focus, and the place of that one among the focusable elements inside. */
type Surrounding = { readonly element: Element; readonly place: number };

/**
 * Keeps the focus on the page when the element that has it vanishes, as a button does whose work is done: its successor
 * at the same place gets it, or the one that follows. Without any focus the keyboard would begin at the top of the
 * document, and a screen reader would say nothing.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: Element | null = null;
    let around: readonly Surrounding[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onFocus = ({ target }: FocusEvent): void => {
      last = target instanceof Element ? target : null;
      around = last === null ? [] : surroundingsOf(last);
    };
    const isLost = () => last !== null && !last.isConnected && document.activeElement === document.body;
    const onChange = (): void => {
      if (!isLost()) return;
      clearTimeout(timer);
      // What closes gives the focus back itself.
      timer = setTimeout(() => isLost() && focusNear(around));
    };
    const observer = new MutationObserver(onChange);
    observer.observe(document.body, { childList: true, subtree: true });
    document.addEventListener("focusin", onFocus);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      document.removeEventListener("focusin", onFocus);
    };
  }, []);
}

/** The elements around an element, from the inside, up to the page's content. */
function surroundingsOf(inner: Element): Surrounding[] {
  const found: Surrounding[] = [];
  for (let element = inner.parentElement; element !== null; element = element.parentElement) {
    if (element.id === "main" || element === document.body) break;
    found.push({ element, place: [...element.querySelectorAll(FOCUSABLE)].indexOf(inner) });
  }
  return found;
}

function focusNear(around: readonly Surrounding[]): void {
  for (const { element, place } of around) {
    if (!element.isConnected) continue;
    const candidates = [...element.querySelectorAll<HTMLElement>(FOCUSABLE)];
    candidates[Math.min(Math.max(place, 0), candidates.length - 1)]?.focus();
    if (document.activeElement !== document.body) return;
  }
  const dialog = openDialog();
  if (dialog === null) focusTitle();
  else dialog.focus();
}
