import type { Peaks } from "@call-ledger/contract/calls";
import { Download, Pause, Play } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import { useKeys } from "../../app/keyboard.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { Skeleton } from "../../components/state.tsx";
import { duration } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { usePlayback } from "./playback.tsx";
import styles from "./recording.module.css";
import { SeekBar, Waveform } from "./waveform.tsx";

const SPEEDS = [1, 1.25, 1.5, 2] as const;

/**
 * Plays audio, which is fetched while it plays.
 * @param peaks its waveform; `null`: it has none; `undefined`: not loaded yet
 * @param seconds its length, if it is known before the audio is loaded
 */
export function AudioPlayer({
  source,
  peaks,
  seconds,
  onFailed,
  children,
}: {
  source: string;
  peaks: Peaks | null | undefined;
  seconds: number;
  /** Called when the source does not answer any more. A new `source` then goes on at the same position. */
  onFailed?: () => void;
  children?: ReactNode;
}) {
  const { audio, isPlaying, at, toggle } = usePlayback();
  const { length, hasFailed } = useSource(source, onFailed);
  useKeys({ p: toggle });
  const total = peaks?.duration_seconds ?? length ?? seconds;
  return (
    <div className={styles.player}>
      <Button
        look="primary"
        className={styles.play}
        aria-label={isPlaying ? t("call.pause") : t("call.play")}
        onClick={toggle}
      >
        {isPlaying ? <Pause size={17} aria-hidden /> : <Play size={17} aria-hidden />}
      </Button>
      <div className={styles.wave}>
        {peaks === undefined && <Skeleton width="100%" height={30} />}
        {peaks === null && <SeekBar total={total} />}
        {peaks && <Waveform source={source} peaks={peaks} />}
      </div>
      <div className={styles.controls}>
        <span className={styles.clock}>
          {duration(at)} / {duration(total)}
        </span>
        {hasFailed && (
          <span role="alert" className={styles.failed}>
            {t("call.cannotPlay")}
          </span>
        )}
        <span className={styles.spring} />
        {children}
        <SpeedSelect audio={audio} />
        <a className={buttonClass("quiet", styles.small)} href={source} download title={t("call.download")}>
          <Download size={14} aria-hidden />
          <span className="visually-hidden">{t("call.download")}</span>
        </a>
      </div>
    </div>
  );
}

/**
 * Sets the source of the page's audio while the player is shown. Another source of the same call, such as another
 * channel, goes on at the same position.
 */
function useSource(
  source: string,
  onFailed: (() => void) | undefined,
): { length: number | undefined; hasFailed: boolean } {
  const { audio, setReady } = usePlayback();
  const [length, setLength] = useState<number>();
  const [hasFailed, setFailed] = useState(false);
  const failed = useRef(onFailed);
  failed.current = onFailed;
  useEffect(() => {
    const onLength = (): void => setLength(Number.isFinite(audio.duration) ? audio.duration : undefined);
    const onError = (): void => {
      setFailed(true);
      failed.current?.();
    };
    const { currentTime, paused } = audio;
    audio.addEventListener("durationchange", onLength);
    audio.addEventListener("error", onError);
    audio.src = source;
    audio.currentTime = currentTime;
    if (!paused) void audio.play().catch(() => undefined);
    setFailed(false);
    setReady(true);
    return () => {
      audio.removeEventListener("durationchange", onLength);
      audio.removeEventListener("error", onError);
      setReady(false);
    };
  }, [audio, source, setReady]);
  return { length, hasFailed };
}

function SpeedSelect({ audio }: { audio: HTMLAudioElement }) {
  const [speed, setSpeed] = useState<number>(1);
  useEffect(() => {
    audio.playbackRate = speed;
    audio.defaultPlaybackRate = speed;
  }, [audio, speed]);
  return (
    <select
      className={styles.select}
      aria-label={t("call.speed")}
      value={speed}
      onChange={({ target }) => setSpeed(Number(target.value))}
    >
      {SPEEDS.map((one) => (
        <option key={one} value={one}>
          {one}×
        </option>
      ))}
    </select>
  );
}
