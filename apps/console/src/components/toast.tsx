import { sharedValue, useSharedValue } from "../shared-value.ts";
import styles from "./toast.module.css";

const SHOWN_MS = 4_000;

type Toast = { readonly id: number; readonly text: string };

const toasts = sharedValue<readonly Toast[]>([]);
let lastId = 0;

/** Shows for a few seconds that an action was done. A failure is shown beside the action instead. */
export function showToast(text: string): void {
  lastId += 1;
  const id = lastId;
  toasts.set([...toasts.get(), { id, text }]);
  setTimeout(() => toasts.set(toasts.get().filter((toast) => toast.id !== id)), SHOWN_MS);
}

export function Toasts() {
  const shown = useSharedValue(toasts);
  return (
    <div className={styles.toasts} role="status" aria-live="polite">
      {shown.map(({ id, text }) => (
        <div key={id} className={styles.toast}>
          {text}
        </div>
      ))}
    </div>
  );
}
