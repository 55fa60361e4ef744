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
/** A recording that is quieter than this is not scaled up, because its noise would look like speech. */
const QUIET = 0.05;

/** The waveform, with one lane for each side of the call. A press or a drag goes to that second. */
export function Waveform({ source, peaks }: { source: string; peaks: Peaks }) {
  const { audio, seek } = usePlayback();
  const place = useRef<HTMLDivElement>(null);
  const appearance = `${useTheme()} ${useMedia("(prefers-color-scheme: dark)")}`;
  useEffect(() => {
    const { current: surface } = place;
    if (surface === null) return;
    // A canvas does not know CSS variables, so each colour of the present appearance is read from its variable.
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
      // The audio element already has this URL. With another spelling of it the audio would be loaded again, and stop.
      url: new URL(source, location.href).href,
      peaks: lanes,
      duration: peaks.duration_seconds,
      // Both lanes are scaled by the louder one, so that they can be compared.
      normalize: true,
      maxPeak: Math.max(QUIET, ...lanes.flat()),
      dragToSeek: { debounceTime: 0 },
      cursorColor: color("--wave-cursor"),
      cursorWidth: 1,
      cspNonce: cspNonce(),
      ...looks[0],
      ...(peaks.channels.length > 1 ? { splitChannels: looks } : {}),
    });
    // The library seeks only when the audio can be played, and audio that was never played may not be loaded.
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

/** A seek bar for keyboard and screen reader, and for everybody if there is no waveform. */
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

/** The loudest sample of each span. The API gives the smallest and the greatest one. */
function loudness(pairs: readonly number[]): number[] {
  return Array.from({ length: Math.floor(pairs.length / 2) }, (_, at) =>
    Math.max(Math.abs(pairs[at * 2] ?? 0), Math.abs(pairs[at * 2 + 1] ?? 0)),
  );
}
