/** Longest line of the log that is looked at; hostile metadata makes longer ones. */
const MAX_LINE_BYTES = 4096;

/** Longest first message kept. */
const MAX_MESSAGE_LENGTH = 160;

/** What a pass of ffmpeg said. */
export interface ToolLog {
  /** Microseconds of each frame that went out, in order. */
  readonly frameMicros: readonly number[];
  /** Lines of level error or worse. */
  readonly errors: number;
  /** The first of them, printable ASCII only, without addresses in memory. */
  readonly firstError: string | null;
  /** CPU seconds of the pass; null when it did not live to tell. */
  readonly cpuSeconds: number | null;
  /** The CPU limit given to it ended it. */
  readonly outOfCpu: boolean;
}

/**
 * Reads ffmpeg's log (`-loglevel repeat+level+info`) as it comes: the time of each frame from the filter `showinfo`
 * behind `settb=1/1000000`, errors, CPU time. The times are in the log because raw frames on a pipe carry none.
 *
 * A line made up by hostile metadata can only set the time of a frame that has not come yet, and the frame's own
 * line then sets it again.
 */
export class ToolLogReader implements ToolLog {
  readonly frameMicros: number[] = [];
  errors = 0;
  firstError: string | null = null;
  cpuSeconds: number | null = null;
  outOfCpu = false;
  readonly #maxFrames: number;
  #rest = '';
  #skipping = false;

  /** @param maxFrames times kept */
  constructor(maxFrames: number) {
    this.#maxFrames = maxFrames;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')).split(/[\r\n]/);
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (!this.#skipping) this.#take(line);
      this.#skipping = false;
    }
    if (this.#rest.length > MAX_LINE_BYTES) {
      if (!this.#skipping) this.#take(this.#rest.slice(0, MAX_LINE_BYTES));
      this.#skipping = true;
      this.#rest = '';
    }
  }

  end(): void {
    if (this.#rest !== '' && !this.#skipping) this.#take(this.#rest);
    this.#rest = '';
  }

  #take(line: string): void {
    const frame = /^\[Parsed_showinfo_\d+ @ [^\]]*\] \[info\] n: *(\d{1,7}) pts: *(-?\d{1,16}|NOPTS) /.exec(line);
    if (frame !== null) {
      const index = Number(frame[1]);
      // Without a time of its own a frame stands where the last one stood.
      const micros = frame[2] === 'NOPTS' ? (this.frameMicros[index - 1] ?? 0) : Number(frame[2]);
      if (index < this.#maxFrames && index <= this.frameMicros.length) this.frameMicros[index] = micros;
      return;
    }
    if (/^(?:\[[^\]]*\] )?\[(?:error|fatal|panic)\] /.test(line)) {
      this.errors += 1;
      this.firstError ??= sanitise(line);
      return;
    }
    const bench = /^\[info\] bench: utime=(\d+\.\d+)s stime=(\d+\.\d+)s/.exec(line);
    if (bench !== null) this.cpuSeconds = Number(bench[1]) + Number(bench[2]);
    // 24 is SIGXCPU: the limit of -timelimit; ffmpeg then ends in good order.
    if (line.startsWith('[info] Exiting normally, received signal 24.')) this.outOfCpu = true;
  }
}

/** A message of a tool as one short printable line: `[h264] error while decoding`. */
export function sanitise(line: string): string {
  return line
    .replaceAll(/ @ 0x[0-9a-f]+/g, '')
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+\/v/g, 'the content')
    .replaceAll(/\[(?:error|fatal|panic|warning|info)\] /g, '')
    .replaceAll(/[^\x21-\x7e]+/g, ' ')
    .trim()
    .slice(0, MAX_MESSAGE_LENGTH);
}
