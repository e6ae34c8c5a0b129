import { constants, createInflate, deflateSync } from 'node:zlib';

/**
 * One zlib stream of the runtime used for chunk after chunk. `inflateSync` makes a stream and an
 * output anew for each call, which costs more than the unpacking of a 32 KiB chunk itself: on text it
 * takes 58 µs a chunk, and this takes 22. The runtime has no public call for it, so the stream's own
 * `writeSync` is used, after a trial: where that does not answer as expected, the caller keeps to
 * `inflateSync`.
 */
export interface ReusedInflater {
  /**
   * Unpacks a whole zlib stream and has zlib check its Adler-32.
   * @returns the bytes, good until the next call; null when the stream is damaged, cut short, or larger than the limit
   */
  inflate(stream: Uint8Array): Buffer | null;
  close(): void;
}

/** What is used of the runtime's stream. `writeSync` leaves the room left in the output in the first number of the state. */
interface StreamHandle {
  onerror: (message: string, errno: number, code: string) => void;
  reset(): void;
  writeSync(flush: number, input: Uint8Array, inputAt: number, inputLength: number, output: Uint8Array, outputAt: number, outputLength: number): void;
}

/** Room beyond the limit: zlib is only known to have met the stream's end and checked its sum when some is left. */
const SPARE_BYTES = 64;

/** @returns null when this runtime's streams cannot be used so */
export function openReusedInflater(limit: number): ReusedInflater | null {
  const opened = open(limit);
  if (opened === null) return null;
  if (passesTrial(opened, limit)) return opened;
  opened.close();
  return null;
}

function open(limit: number): ReusedInflater | null {
  const stream = createInflate();
  const { _handle: handle, _writeState: state } = stream as unknown as { _handle?: unknown; _writeState?: unknown };
  if (!isStreamHandle(handle) || !(state instanceof Uint32Array)) {
    stream.close();
    return null;
  }
  const output = Buffer.allocUnsafeSlow(limit + SPARE_BYTES);
  let failed = false;
  handle.onerror = () => {
    failed = true;
  };
  return {
    inflate(bytes) {
      failed = false;
      handle.reset();
      handle.writeSync(constants.Z_FINISH, bytes, 0, bytes.byteLength, output, 0, output.length);
      const length = output.length - state[0]!;
      return failed || length > limit ? null : output.subarray(0, length);
    },
    close: () => stream.close(),
  };
}

function isStreamHandle(value: unknown): value is StreamHandle {
  return typeof value === 'object' && value !== null && 'onerror' in value && 'reset' in value && typeof value.reset === 'function' && 'writeSync' in value && typeof value.writeSync === 'function';
}

/** A sound stream must unpack, and one with a wrong sum, one cut short and one too large must not, in turn. */
function passesTrial(inflater: ReusedInflater, limit: number): boolean {
  const content = Buffer.alloc(Math.min(limit, 300), 'match report ');
  const sound = deflateSync(content);
  const wrongSum = Buffer.from(sound);
  wrongSum[wrongSum.length - 1]! ^= 1;
  try {
    const refused = [wrongSum, sound.subarray(0, -5), deflateSync(Buffer.alloc(limit + 1))].every((stream) => inflater.inflate(stream) === null);
    return refused && inflater.inflate(sound)?.equals(content) === true;
  } catch {
    return false;
  }
}
