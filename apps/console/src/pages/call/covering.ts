import type { RefObject } from "react";
import { useEffect } from "react";
import { useMedia } from "../../app/media.ts";

/**
 * Keeps the focus visible while a sheet covers parts of the page. On a narrow screen it covers everything, so the rest
 * of the page is inert. On a wide one `onCovered` is called if an element below the sheet gets the focus.
 */
export function useCovering(sheet: RefObject<HTMLElement | null>, onCovered: () => void): void {
  const coversAll = useMedia("(max-width: 860px)");
  useEffect(() => {
    if (!coversAll || sheet.current === null) return undefined;
    const others = besides(sheet.current);
    for (const one of others) one.inert = true;
    return () => {
      for (const one of others) one.inert = false;
    };
  }, [coversAll, sheet]);
  useEffect(() => {
    if (coversAll) return undefined;
    const onFocus = ({ target }: FocusEvent): void => {
      if (sheet.current !== null && target instanceof Element && isBelow(target, sheet.current)) onCovered();
    };
    document.addEventListener("focusin", onFocus);
    return () => document.removeEventListener("focusin", onFocus);
  }, [coversAll, sheet, onCovered]);
}

/** The elements of the page that do not contain the element, without those that only announce something. */
function besides(element: Element): HTMLElement[] {
  const parent = element.parentElement;
  if (parent === null || element === document.body) return [];
  const siblings = [...parent.children].filter((one) => one instanceof HTMLElement);
  return [
    ...siblings.filter((one) => one !== element && !one.inert && !one.matches('[role="status"], script')),
    ...besides(parent),
  ];
}

/** Whether the sheet hides more than half of an element's width. Dialogs and menus are above the sheet. */
function isBelow(element: Element, sheet: Element): boolean {
  if (sheet.contains(element) || element.closest('[role="dialog"], [role="menu"]') !== null) return false;
  const { left, right } = element.getBoundingClientRect();
  return (left + right) / 2 > sheet.getBoundingClientRect().left;
}
