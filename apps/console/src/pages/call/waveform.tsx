import type { Peaks } from "@call-ledger/contract/calls";
import { useEffect, useRef } from "react";
import WaveSurfer from "wavesurfer.js";
import { useMedia } from "../../app/media.ts";
import { cspNonce } from "../../app/nonce.ts";
import { useTheme } from "../../app/theme.ts";
import { duration } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import { usePlayback } from "./playback.tsx";
import styles from "./recording.module.css";

const LANE_PX = 30;
/** A recording that is quieter than this is drawn as quiet as it is: else its noise would look like speech. */
const QUIET = 0.05;

/** One lane for each side of the call; a press or a drag goes there. */
export function Waveform({ source, peaks }: { source: string; peaks: Peaks }) {
  const { audio, seek } = usePlayback();
  const place = useRef<HTMLDivElement>(null);
  const appearance = `${useTheme()} ${useMedia("(prefers-color-scheme: dark)")}`;
  useEffect(() => {
    const { current: surface } = place;
    if (surface === null) return;
    // A canvas takes no variables: each is read as the colour that it stands for in this appearance.
    const color = (name: string): string => {
      surface.style.color = `var(${name})`;
      return getComputedStyle(surface).color;
    };
    const look = (wave: string) => ({
      height: LANE_PX,
      waveColor: color(wave),
      progressColor: color(`${wave}-played`),
      barWidth: 2,
      barGap: 1,
      barRadius: 1,
    });
    const looks = [look("--wave-caller"), look("--wave-agent")];
    const lanes = peaks.channels.map(loudness);
    const wave = WaveSurfer.create({
      container: surface,
      media: audio,
      // The audio has it already. Of another writing it would be loaded anew, and stop.
      url: new URL(source, location.href).href,
      peaks: lanes,
      duration: peaks.duration_seconds,
      // Both lanes by the louder one, so that they can be compared.
      normalize: true,
      maxPeak: Math.max(QUIET, ...lanes.flat()),
      dragToSeek: { debounceTime: 0 },
      cursorColor: color("--wave-cursor"),
      cursorWidth: 1,
      cspNonce: cspNonce(),
      ...looks[0],
      ...(peaks.channels.length > 1 ? { splitChannels: looks } : {}),
    });
    // By itself it waits until the audio can be played, which audio that nobody plays need not become.
    wave.on("interaction", seek);
    return () => wave.destroy();
  }, [audio, seek, source, peaks, appearance]);
  return (
    <div className={styles.waveform}>
      <SeekBar total={peaks.duration_seconds} hidden />
      {peaks.channels.length > 1 && (
        <div className={styles.lanes} aria-hidden>
          <span>{word("channel", "customer")}</span>
          <span>{word("channel", "assistant")}</span>
        </div>
      )}
      <div ref={place} className={styles.surface} aria-hidden />
    </div>
  );
}

/** The keyboard's and the screen reader's way through the audio, and everybody's while there is no waveform. */
export function SeekBar({ total, hidden = false }: { total: number; hidden?: boolean }) {
  const { seek, at } = usePlayback();
  return (
    <input
      type="range"
      className={hidden ? "visually-hidden" : styles.seek}
      aria-label={t("call.position")}
      aria-valuetext={duration(at)}
      min={0}
      max={Math.max(1, Math.floor(total))}
      value={Math.floor(at)}
      onChange={({ target }) => seek(Number(target.value))}
    />
  );
}

/** The loudest sample of each stretch; the API gives the smallest and the greatest one. */
function loudness(pairs: readonly number[]): number[] {
  return Array.from({ length: Math.floor(pairs.length / 2) }, (_, at) =>
    Math.max(Math.abs(pairs[at * 2] ?? 0), Math.abs(pairs[at * 2 + 1] ?? 0)),
  );
}
