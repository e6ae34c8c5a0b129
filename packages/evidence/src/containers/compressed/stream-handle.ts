import { constants, createInflateRaw, createZstdDecompress, deflateRawSync } from 'node:zlib';
import { InternalError } from '@kerbside/bytes';

/**
 * One zlib or zstd stream of the runtime, driven synchronously and used again and again. `inflateRawSync`
 * makes a stream anew for each call and cannot go piece by piece, so the stream's own `writeSync` is used
 * (as for E01 chunks), after a trial that shows it answers as expected.
 */
export interface StreamHandle {
  /** Begins another stream. */
  start(): void;
  /**
   * Unpacks from `input[at..end)` into `output[outAt..outEnd)`.
   * @param isLast no input follows: a stream that is not at its end then fails
   * @returns false when the stream is damaged; `consumed` and `produced` say how far it came
   */
  step(input: Uint8Array, at: number, end: number, isLast: boolean, output: Uint8Array, outAt: number, outEnd: number): boolean;
  consumed: number;
  produced: number;
}

export type StreamFormat = 'deflate' | 'zstd';

/** What is used of the runtime's stream: `writeSync` leaves the room left in output and input in the state. */
interface RuntimeHandle {
  onerror: (...reason: unknown[]) => void;
  reset(): void;
  writeSync(flush: number, input: Uint8Array, inputAt: number, inputLength: number, output: Uint8Array, outputAt: number, outputLength: number): void;
}

const MAX_KEPT = 8;
const free: Record<StreamFormat, StreamHandle[]> = { deflate: [], zstd: [] };

/** @throws InternalError `unpacker-unusable` when this runtime's streams cannot be used so */
export function borrowStream(format: StreamFormat): StreamHandle {
  const handle = free[format].pop() ?? open(format);
  handle.start();
  return handle;
}

export function returnStream(format: StreamFormat, handle: StreamHandle): void {
  if (free[format].length < MAX_KEPT) free[format].push(handle);
}

function open(format: StreamFormat): StreamHandle {
  const stream = format === 'deflate' ? createInflateRaw() : createZstdDecompress();
  const { _handle: runtime, _writeState: state } = stream as unknown as { _handle?: unknown; _writeState?: unknown };
  if (!isRuntimeHandle(runtime) || !(state instanceof Uint32Array)) {
    throw new InternalError('unpacker-unusable', `the ${format} streams of Node ${process.version} cannot be driven synchronously`);
  }
  const [goOn, finish] = format === 'deflate' ? [constants.Z_NO_FLUSH, constants.Z_FINISH] : [constants.ZSTD_e_continue, constants.ZSTD_e_end];
  let failed = false;
  runtime.onerror = () => {
    failed = true;
  };
  const handle: StreamHandle = {
    consumed: 0,
    produced: 0,
    start: () => {
      failed = false;
      runtime.reset();
    },
    step(input, at, end, isLast, output, outAt, outEnd) {
      failed = false;
      runtime.writeSync(isLast ? finish : goOn, input, at, end - at, output, outAt, outEnd - outAt);
      handle.produced = outEnd - outAt - state[0]!;
      handle.consumed = end - at - state[1]!;
      return !failed;
    },
  };
  if (format === 'deflate' && !passesTrial(handle)) throw new InternalError('unpacker-unusable', `the deflate streams of Node ${process.version} do not answer as expected`);
  return handle;
}

function isRuntimeHandle(value: unknown): value is RuntimeHandle {
  return typeof value === 'object' && value !== null && 'onerror' in value && 'reset' in value && typeof value.reset === 'function' && 'writeSync' in value && typeof value.writeSync === 'function';
}

/** A sound stream followed by other bytes must stop at its end, and one cut short must fail. */
function passesTrial(handle: StreamHandle): boolean {
  const packed = deflateRawSync(Buffer.alloc(300, 'match report '));
  const output = Buffer.alloc(400);
  handle.start();
  const whole = handle.step(Buffer.concat([packed, Buffer.alloc(9, 0xff)]), 0, packed.length + 9, false, output, 0, 400);
  const isWhole = whole && handle.produced === 300 && handle.consumed === packed.length;
  handle.start();
  return isWhole && !handle.step(packed, 0, packed.length - 2, true, output, 0, 400);
}
