import { Check, Copy as CopyIcon, X } from "lucide-react";
import { useState } from "react";
import { t } from "../text/text.ts";
import { IconButton } from "./button.tsx";
import styles from "./form.module.css";

const SHOWN_MS = 1_500;

/** A text with a button that copies it: a command, a secret, a URL. */
export function Copyable({ text, autoFocus = false }: { text: string; autoFocus?: boolean }) {
  return (
    <div className={styles.copy}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the text scrolls sideways, by keyboard too. */}
      <code tabIndex={0}>{text}</code>
      <CopyButton text={text} autoFocus={autoFocus} />
    </div>
  );
}

export function CopyButton({
  text,
  label = t("common.copy"),
  autoFocus = false,
}: {
  text: string;
  label?: string;
  autoFocus?: boolean;
}) {
  const [result, setResult] = useState<"common.copied" | "common.notCopied">();
  const Icon = result === undefined ? CopyIcon : result === "common.copied" ? Check : X;
  return (
    <IconButton
      label={result === undefined ? label : t(result)}
      autoFocus={autoFocus}
      onClick={async () => {
        setResult((await copy(text)) ? "common.copied" : "common.notCopied");
        setTimeout(() => setResult(undefined), SHOWN_MS);
      }}
    >
      <Icon size={14} aria-hidden />
    </IconButton>
  );
}

/** Returns whether the text is in the clipboard. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https, pages have no clipboard but that of a selection.
    return copySelected(text);
  }
}

function copySelected(text: string): boolean {
  const holder = document.createElement("span");
  holder.className = "visually-hidden";
  holder.textContent = text;
  document.body.append(holder);
  const selection = document.getSelection();
  selection?.selectAllChildren(holder);
  const isCopied = document.execCommand("copy");
  selection?.removeAllRanges();
  holder.remove();
  return isCopied;
}
