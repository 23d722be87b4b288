import "@xterm/xterm/css/xterm.css";
import { ActionIcon, Group, Select, Slider, Stack, Text } from "@mantine/core";
import { Terminal } from "@xterm/xterm";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { hub } from "../../../hub/client.ts";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { type Recording, readRecording } from "./recording.ts";

const SPEEDS = ["1", "2", "4", "8"];
const TICK_MS = 50;

/** Plays the recorded session of an audit entry; pauses are shortened. */
export function ReplayPlayer({ number }: { number: number }): ReactNode {
  const [recording, setRecording] = useState<Recording>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    const reading = new AbortController();
    readRecording(hub.auditRecording(number, reading.signal)).then(setRecording, (failure: unknown) => {
      if (!reading.signal.aborted) setError(failure);
    });
    return () => reading.abort();
  }, [number]);
  if (error !== undefined) return <ErrorNote error={error} />;
  return recording ? <Player recording={recording} /> : "Reading the recording…";
}

function Player({ recording }: { recording: Recording }): ReactNode {
  const { durationMs } = recording;
  const place = useRef<HTMLDivElement>(null);
  const screen = useRef<Screen | undefined>(undefined);
  const [atMs, setAtMs] = useState(0);
  const [speed, setSpeed] = useState("1");
  const [playing, setPlaying] = useState(true);
  useEffect(() => {
    if (!place.current) return;
    const shown = new Screen(recording, place.current);
    screen.current = shown;
    return () => shown.dispose();
  }, [recording]);
  useEffect(() => screen.current?.show(atMs), [atMs]);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      setAtMs((before) => {
        const now = Math.min(durationMs, before + TICK_MS * Number(speed));
        if (now >= durationMs) setPlaying(false);
        return now;
      });
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [playing, speed, durationMs]);
  const toggle = (): void => {
    if (!playing && atMs >= durationMs) setAtMs(0);
    setPlaying(!playing);
  };
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  return (
    <Stack gap="xs">
      <div ref={place} style={{ overflow: "auto", background: "#000", padding: 6 }} />
      <Group gap="sm" wrap="nowrap">
        <ActionIcon size="lg" aria-label={playing ? "Pause" : "Play"} onClick={toggle}>
          {playing ? <IconPlayerPause size={18} aria-hidden /> : <IconPlayerPlay size={18} aria-hidden />}
        </ActionIcon>
        <Slider
          flex={1}
          min={0}
          max={Math.max(1, durationMs)}
          value={atMs}
          label={seconds}
          thumbLabel="Place in the session"
          onChange={setAtMs}
        />
        <Text fz="xs" className="tabular" style={{ whiteSpace: "nowrap" }}>
          {seconds(atMs)} of {seconds(durationMs)}
        </Text>
        <Select
          aria-label="Speed"
          w={86}
          size="xs"
          allowDeselect={false}
          value={speed}
          data={SPEEDS.map((value) => ({ value, label: `${value} ×` }))}
          onChange={(value) => setSpeed(value ?? "1")}
        />
      </Group>
    </Stack>
  );
}

/** The terminal as it was at a time: it plays on from where it is, and from the start when it goes back. */
class Screen {
  readonly #terminal: Terminal;
  readonly #recording: Recording;
  #next = 0;
  #atMs = 0;

  constructor(recording: Recording, place: HTMLElement) {
    this.#recording = recording;
    const { columns: cols, rows } = recording;
    this.#terminal = new Terminal({
      cols,
      rows,
      disableStdin: true,
      fontSize: 13,
      fontFamily: "'JetBrains Mono Variable', monospace",
      screenReaderMode: true,
    });
    this.#terminal.open(place);
  }

  show(atMs: number): void {
    if (atMs < this.#atMs) {
      this.#terminal.reset();
      this.#terminal.resize(this.#recording.columns, this.#recording.rows);
      this.#next = 0;
    }
    this.#atMs = atMs;
    for (;;) {
      const event = this.#recording.events[this.#next];
      if (!event || event.atMs > atMs) return;
      if (event.kind === "output") this.#terminal.write(event.text);
      else if (event.columns > 0 && event.rows > 0) this.#terminal.resize(event.columns, event.rows);
      this.#next += 1;
    }
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}
