import { CopyButton } from "./copy.tsx";
import styles from "./json-text.module.css";

/** An indented JSON document, for reading and copying. */
export function JsonText({ value, tall = false }: { value: unknown; tall?: boolean }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <div className={styles.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the text scrolls, by keyboard too. */}
      <pre className={tall ? styles.tall : styles.text} tabIndex={0}>
        {text}
      </pre>
      <span className={styles.copy}>
        <CopyButton text={text} />
      </span>
    </div>
  );
}
