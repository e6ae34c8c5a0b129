/**
 * An AVI (Microsoft AVI RIFF file reference) of JPEG frames: `LIST hdrl` with `avih` and one stream
 * (`strh`, `strf`), `LIST movi` with a `00dc` chunk a frame, `idx1`. With more than one part it is an
 * OpenDML file: each further part a RIFF `AVIX` with a `LIST movi` of its own.
 */
const FRAMES_PER_SECOND = 10;

/**
 * @param frames JPEG pictures of one size
 * @param parts number of RIFFs that the frames are dealt to
 */
export function makeAvi(frames: readonly Buffer[], widthPx: number, heightPx: number, parts: number): Buffer {
  const share = Math.ceil(frames.length / parts);
  const first = frames.slice(0, share);
  const movi = list('movi', first.map((frame) => chunk('00dc', frame)));
  const riffs = [riff('AVI ', [header(frames, widthPx, heightPx), movi, index(first)])];
  for (let part = 1; part < parts; part++) riffs.push(riff('AVIX', [list('movi', frames.slice(part * share, (part + 1) * share).map((frame) => chunk('00dc', frame)))]));
  return Buffer.concat(riffs);
}

function header(frames: readonly Buffer[], widthPx: number, heightPx: number): Buffer {
  const largest = Math.max(...frames.map((frame) => frame.length));
  const main = words([1_000_000 / FRAMES_PER_SECOND, largest * FRAMES_PER_SECOND, 0, 0x10, frames.length, 0, 1, largest, widthPx, heightPx, 0, 0, 0, 0]);
  const stream = Buffer.concat([Buffer.from('vidsMJPG', 'latin1'), words([0, 0, 0, 1, FRAMES_PER_SECOND, 0, frames.length, largest, 0xffffffff, 0]), Buffer.alloc(8)]);
  const format = Buffer.concat([words([40, widthPx, heightPx, 1 | (24 << 16)]), Buffer.from('MJPG', 'latin1'), words([widthPx * heightPx * 3, 0, 0, 0, 0])]);
  return list('hdrl', [chunk('avih', main), list('strl', [chunk('strh', stream), chunk('strf', format)])]);
}

/** Offsets count from the form type of `movi`. */
function index(frames: readonly Buffer[]): Buffer {
  let at = 4;
  const entries = frames.map((frame) => {
    const entry = Buffer.concat([Buffer.from('00dc', 'latin1'), words([0x10, at, frame.length])]);
    at += 8 + frame.length + (frame.length % 2);
    return entry;
  });
  return chunk('idx1', Buffer.concat(entries));
}

function riff(form: string, chunks: readonly Buffer[]): Buffer {
  return chunk('RIFF', Buffer.concat([Buffer.from(form, 'latin1'), ...chunks]));
}

function list(form: string, chunks: readonly Buffer[]): Buffer {
  return chunk('LIST', Buffer.concat([Buffer.from(form, 'latin1'), ...chunks]));
}

function chunk(type: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type, 'latin1'), words([content.length]), content, Buffer.alloc(content.length % 2)]);
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [place, value] of values.entries()) bytes.writeUInt32LE(value, place * 4);
  return bytes;
}
