import type { ReactNode } from "react";
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";

/** The audio of the shown call and its position. The waveform and the transcript share one audio element. */
type Playback = {
  readonly audio: HTMLAudioElement;
  readonly isPlaying: boolean;
  /** Whether there is audio to play. */
  readonly isReady: boolean;
  /** The position in seconds, updated a few times a second. */
  readonly at: number;
  setReady(isReady: boolean): void;
  toggle(): void;
  /** Goes to a second, also before the audio is loaded. The function is the same in every render. */
  seek(seconds: number): void;
  /** Moves to a second and plays from there. */
  playFrom(seconds: number): void;
};

const PlaybackContext = createContext<Playback | null>(null);

export function PlaybackProvider({ children }: { children: ReactNode }) {
  const held = useRef<HTMLAudioElement>(null);
  held.current ??= new Audio();
  const audio = held.current;
  const [isPlaying, setPlaying] = useState(false);
  const [isReady, setReady] = useState(false);
  const [at, setAt] = useState(0);
  useEffect(() => {
    audio.preload = "metadata";
    const onState = (): void => setPlaying(!audio.paused);
    const onTime = (): void => setAt(audio.currentTime);
    const events = ["play", "pause", "ended"] as const;
    for (const name of events) audio.addEventListener(name, onState);
    audio.addEventListener("timeupdate", onTime);
    return () => {
      for (const name of events) audio.removeEventListener(name, onState);
      audio.removeEventListener("timeupdate", onTime);
      audio.pause();
    };
  }, [audio]);
  const seek = useCallback(
    (seconds: number): void => {
      audio.currentTime = seconds;
      // Audio that is not loaded yet sends no event about its position.
      setAt(seconds);
    },
    [audio],
  );
  const playback = useMemo<Playback>(
    () => ({
      audio,
      isPlaying,
      isReady,
      at,
      setReady,
      toggle: () => (audio.paused ? void audio.play().catch(() => undefined) : audio.pause()),
      seek,
      playFrom(seconds) {
        seek(seconds);
        void audio.play().catch(() => undefined);
      },
    }),
    [audio, isPlaying, isReady, at, seek],
  );
  return <PlaybackContext value={playback}>{children}</PlaybackContext>;
}

/** The playback of the shown call. Throws outside of a PlaybackProvider. */
export function usePlayback(): Playback {
  const playback = useContext(PlaybackContext);
  if (playback === null) throw new Error("usePlayback is called outside of a PlaybackProvider");
  return playback;
}
