import { useNavigate } from "@tanstack/react-router";
import { Dialog } from "../components/dialog.tsx";
import { sharedValue, useSharedValue } from "../shared-value.ts";
import type { TextKey } from "../text/text.ts";
import { t } from "../text/text.ts";
import { useKeys } from "./keyboard.ts";
import styles from "./keyboard-help.module.css";

const SHORTCUTS: readonly (readonly [keys: string, text: TextKey])[] = [
  ["j", "keys.next"],
  ["k", "keys.previous"],
  ["Enter", "keys.open"],
  ["Esc", "keys.close"],
  ["/", "keys.search"],
  ["p", "keys.play"],
  ["g c", "keys.goCalls"],
  ["g o", "keys.goOverview"],
  ["g a", "keys.goAlarms"],
  ["?", "keys.help"],
];

const isOpen = sharedValue(false);

export function openKeyboardHelp(): void {
  isOpen.set(true);
}

/** The list of keys, which `?` opens on every page, and the keys that go to other pages. */
export function KeyboardHelp() {
  const open = useSharedValue(isOpen);
  const navigate = useNavigate();
  useKeys({
    "?": openKeyboardHelp,
    "g c": () => void navigate({ to: "/calls" }),
    "g o": () => void navigate({ to: "/overview" }),
    "g a": () => void navigate({ to: "/alarms" }),
  });
  if (!open) return null;
  return (
    <Dialog title={t("keys.title")} onClose={() => isOpen.set(false)}>
      <dl className={styles.list}>
        {SHORTCUTS.map(([keys, text]) => (
          <div key={keys}>
            <dt>{t(text)}</dt>
            <dd>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
