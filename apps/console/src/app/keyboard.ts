import { useEffect, useRef } from "react";

const SEQUENCE_MS = 1_000;

/**
 * Runs a function when its key is pressed, such as `j`, `/` or `g c` (one after the other). Not while somebody types,
 * and not while a menu or a dialog is open, except Escape in fields.
 */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    let first = "";
    let firstAt = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || isOverlayOpen()) return;
      const sequence = Date.now() - firstAt < SEQUENCE_MS ? `${first} ${event.key}` : "";
      const action = current.current[sequence] ?? current.current[event.key];
      first = event.key;
      firstAt = Date.now();
      if (action === undefined) return;
      // On a link or a button Enter keeps its usual function.
      if (
        event.key === "Enter" &&
        event.target instanceof Element &&
        event.target.closest("a,button,summary")
      )
        return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input,textarea,select,[contenteditable]") !== null;
}

function isOverlayOpen(): boolean {
  return document.querySelector('[role="dialog"][data-modal], [role="menu"]') !== null;
}
