import { Check, Copy as CopyIcon } from "lucide-react";
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
  const [copied, setCopied] = useState(false);
  return (
    <IconButton
      label={copied ? t("common.copied") : label}
      autoFocus={autoFocus}
      onClick={async () => {
        await navigator.clipboard.writeText(text);
        setCopied(true);
        setTimeout(() => setCopied(false), SHOWN_MS);
      }}
    >
      {copied ? <Check size={14} aria-hidden /> : <CopyIcon size={14} aria-hidden />}
    </IconButton>
  );
}
