import type { Call } from "@call-ledger/contract/calls";
import { useQuery } from "@tanstack/react-query";
import { Download, Pause, Play } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import WaveSurfer from "wavesurfer.js";
import { apiUrl, request } from "../../api/client.ts";
import { useKeys } from "../../app/keyboard.ts";
import { cspNonce } from "../../app/nonce.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { Skeleton } from "../../components/state.tsx";
import { duration } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import { usePlayback } from "./playback.tsx";
import styles from "./recording.module.css";
import { callKey } from "./use-call.ts";

type Channel = Call["recordings"][number]["channel"];

const SPEEDS = [1, 1.25, 1.5, 2] as const;
const LANE_PX = 30;

/** Plays a stored recording. The waveform comes from the API; the audio itself is fetched as it is heard. */
export function Player({
  call,
  recording,
  channels,
  onChannel,
}: {
  call: Call;
  recording: Call["recordings"][number];
  channels: readonly Channel[];
  onChannel: (channel: Channel) => void;
}) {
  const { audio, isPlaying, at, toggle, setReady } = usePlayback();
  const { channel } = recording;
  const source = apiUrl("/calls/{call}/recording", { call: call.id }, { channel });
  const peaks = usePeaks(call.id, recording);
  const [length, setLength] = useState<number>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const onLength = (): void => setLength(audio.duration);
    const onError = (): void => setFailed(true);
    audio.addEventListener("durationchange", onLength);
    audio.addEventListener("error", onError);
    audio.src = source;
    setReady(true);
    return () => {
      audio.removeEventListener("durationchange", onLength);
      audio.removeEventListener("error", onError);
      setReady(false);
    };
  }, [audio, source, setReady]);
  useKeys({ p: toggle });
  const total = peaks.data?.duration_seconds ?? length ?? call.duration_seconds ?? 0;
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
        {peaks.data === undefined ? (
          peaks.isPending && recording.has_peaks ? (
            <Skeleton width="100%" height={LANE_PX} />
          ) : (
            <SeekBar total={total} />
          )
        ) : (
          <Waveform channels={peaks.data.channels} seconds={peaks.data.duration_seconds} />
        )}
      </div>
      <div className={styles.controls}>
        <span className={styles.clock}>
          {duration(at)} / {duration(total)}
        </span>
        {failed && <span className={styles.failed}>{t("call.cannotPlay")}</span>}
        <span className={styles.spring} />
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
        <SpeedSelect audio={audio} />
        <a className={buttonClass("quiet", styles.small)} href={source} download title={t("call.download")}>
          <Download size={14} aria-hidden />
          <span className="visually-hidden">{t("call.download")}</span>
        </a>
      </div>
    </div>
  );
}

function usePeaks(call: string, { channel, has_peaks }: Call["recordings"][number]) {
  return useQuery({
    queryKey: [...callKey(call), "peaks", channel],
    queryFn: ({ signal }) =>
      request("GET", "/calls/{call}/recording/peaks", { params: { call }, query: { channel }, signal }),
    enabled: has_peaks,
    staleTime: Number.POSITIVE_INFINITY,
  });
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

/** The keyboard's and the screen reader's way through the audio, and everybody's while there is no waveform. */
function SeekBar({ total, hidden = false }: { total: number; hidden?: boolean }) {
  const { audio, at } = usePlayback();
  return (
    <input
      type="range"
      className={hidden ? "visually-hidden" : styles.seek}
      aria-label={t("call.position")}
      aria-valuetext={duration(at)}
      min={0}
      max={Math.max(1, Math.floor(total))}
      value={Math.floor(at)}
      onChange={({ target }) => {
        audio.currentTime = Number(target.value);
      }}
    />
  );
}

/** One lane for each side of the call; pressing it goes there. */
function Waveform({ channels, seconds }: { channels: readonly (readonly number[])[]; seconds: number }) {
  const { audio } = usePlayback();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) return;
    const style = getComputedStyle(place.current);
    const color = (name: string): string => style.getPropertyValue(name);
    const look = (wave: string, progress: string) => ({
      height: LANE_PX,
      waveColor: color(wave),
      progressColor: color(progress),
      barWidth: 2,
      barGap: 1,
      barRadius: 1,
    });
    const looks = [
      look("--wave-caller", "--wave-caller-played"),
      look("--wave-agent", "--wave-agent-played"),
    ];
    const wave = WaveSurfer.create({
      container: place.current,
      media: audio,
      url: audio.src,
      peaks: channels.map(loudness),
      duration: seconds,
      cursorColor: color("--wave-cursor"),
      cursorWidth: 1,
      cspNonce: cspNonce(),
      ...looks[0],
      ...(channels.length > 1 ? { splitChannels: looks } : {}),
    });
    return () => wave.destroy();
  }, [audio, channels, seconds]);
  return (
    <>
      <SeekBar total={seconds} hidden />
      {channels.length > 1 && (
        <div className={styles.lanes} aria-hidden>
          <span>{word("channel", "customer")}</span>
          <span>{word("channel", "assistant")}</span>
        </div>
      )}
      <div ref={place} className={styles.surface} aria-hidden />
    </>
  );
}

/** The loudest sample of each stretch; the API gives the smallest and the greatest one. */
function loudness(pairs: readonly number[]): number[] {
  return Array.from({ length: Math.floor(pairs.length / 2) }, (_, at) =>
    Math.max(Math.abs(pairs[at * 2] ?? 0), Math.abs(pairs[at * 2 + 1] ?? 0)),
  );
}
