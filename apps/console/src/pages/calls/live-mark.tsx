import { useSyncExternalStore } from "react";
import { onStreamState, streamState } from "../../api/call-stream.ts";
import { Badge } from "../../components/badge.tsx";
import { t } from "../../text/text.ts";

/** Shows whether changes appear by themselves at the moment. */
export function LiveMark() {
  const isOpen = useSyncExternalStore(onStreamState, streamState) === "open";
  return (
    <Badge
      tone={isOpen ? "green" : "gray"}
      dot
      plain
      title={isOpen ? t("shell.liveTitle") : t("shell.connecting")}
    >
      {isOpen ? t("shell.live") : t("shell.connecting")}
    </Badge>
  );
}
