import { useEffect, useState } from "react";
import { useKeys } from "../../app/keyboard.ts";

/**
 * The row for the keys `j`, `k` and Enter. While a call is open, the keys open the next or previous call.
 * @param calls the ids of the rows; `null` for a row that is a heading
 * @returns the id of the row; `undefined`: no key was pressed yet
 */
export function useActiveRow(
  calls: readonly (string | null)[],
  open: string | undefined,
  reveal: (at: number) => void,
  openCall: (id: string | undefined) => void,
): string | undefined {
  const [active, setActive] = useState<string | undefined>(open);
  useEffect(() => {
    if (open !== undefined) setActive(open);
  }, [open]);

  const move = (step: 1 | -1): void => {
    const from = active === undefined ? -1 : calls.indexOf(active);
    let at = from === -1 ? (step === 1 ? 0 : calls.length - 1) : from + step;
    while (calls[at] === null) at += step;
    const id = calls[at];
    if (id === undefined || id === null) return;
    setActive(id);
    reveal(at);
    if (open !== undefined) openCall(id);
    // At once, because Enter may follow. A row far away is drawn only after the list has scrolled to it.
    else if (!focusRow(id)) requestAnimationFrame(() => focusRow(id));
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => active !== undefined && openCall(active),
    Escape: () => openCall(undefined),
  });
  return active;
}

/** Focuses a call's row. @returns whether the row is drawn */
export function focusRow(id: string): boolean {
  const link = document.querySelector<HTMLElement>(`[data-call="${CSS.escape(id)}"] a`);
  link?.focus({ preventScroll: true });
  return link !== null;
}
