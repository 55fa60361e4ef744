import type { Call, CallRecording } from "@call-ledger/contract/calls";
import { useQuery } from "@tanstack/react-query";
import { apiUrl, request } from "../../api/client.ts";
import { t, word } from "../../text/text.ts";
import { AudioPlayer } from "./audio-player.tsx";
import styles from "./recording.module.css";
import { callKey } from "./use-call.ts";

type Channel = CallRecording["channel"];

/** Plays a stored recording of a call. If there are several, the channel can be chosen. */
export function Player({
  call,
  recording,
  channels,
  onChannel,
}: {
  call: Call;
  recording: CallRecording;
  channels: readonly Channel[];
  onChannel: (channel: Channel) => void;
}) {
  const { channel, has_peaks } = recording;
  const peaks = useQuery({
    queryKey: [...callKey(call.id), "peaks", channel],
    queryFn: ({ signal }) =>
      request("GET", "/calls/{call}/recording/peaks", {
        params: { call: call.id },
        query: { channel },
        signal,
      }),
    enabled: has_peaks,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <AudioPlayer
      source={apiUrl("/calls/{call}/recording", { call: call.id }, { channel })}
      peaks={has_peaks && peaks.error === null ? peaks.data : null}
      seconds={call.duration_seconds ?? 0}
    >
      {channels.length > 1 && (
        <select
          className={styles.select}
          aria-label={t("call.channel")}
          value={channel}
          onChange={({ target }) => {
            const next = channels.find((one) => one === target.value);
            if (next !== undefined) onChannel(next);
          }}
        >
          {channels.map((one) => (
            <option key={one} value={one}>
              {word("channel", one)}
            </option>
          ))}
        </select>
      )}
    </AudioPlayer>
  );
}
