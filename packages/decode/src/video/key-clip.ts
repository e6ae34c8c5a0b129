import { MAX_VIDEO_FRAMES } from './limits.ts';
import type { KeySample, KeySamples } from './mp4-samples.ts';
import type { RangedContent } from './ranged-content.ts';
import type { Servable } from './range-server.ts';

/** Bytes asked of the parent at a time. */
const MOST_READ_BYTES = 256 * 1024;

/**
 * An index that leaves a longer stretch without a sync sample is not believed: ffmpeg looks at the samples themselves, and a
 * made-up index must not hide key frames. Encoders place them at most 250 to 300 frames apart.
 */
const LONGEST_GAP_SECONDS = 12.5;

/** Samples a second that are kept; the second number where the first would give more than are hashed. */
const MOST_PER_SECOND = 4;
const FEWER_PER_SECOND = 1;

/**
 * An MP4 that does not exist anywhere: the head of the clip with an index of its sync samples alone, and behind it those
 * samples, read from their places in the content when they are asked for. ffmpeg reads it from beginning to end. Of a clip of
 * a phone that is a tenth of the bytes; the rest of the content is not read at all.
 *
 * @returns null when a box that is needed is missing
 */
export function makeKeyClip(content: RangedContent, key: KeySamples): (Servable & { readonly frames: number }) | null {
  const mdhd = key.boxes.get('trak/mdia/mdhd');
  const needed = ['mvhd', 'trak/tkhd', 'trak/mdia/mdhd', 'trak/mdia/hdlr', 'trak/mdia/minf/dinf', 'trak/mdia/minf/stbl/stsd'];
  if (mdhd === undefined || !needed.every((path) => key.boxes.has(path))) return null;
  const timescale = timescaleOf(mdhd);
  if (longestGap(key) > LONGEST_GAP_SECONDS * timescale) return null;
  const dense = thin(key.samples, timescale / MOST_PER_SECOND);
  const samples = dense.length < MAX_VIDEO_FRAMES ? dense : thin(dense, timescale / FEWER_PER_SECOND).slice(0, MAX_VIDEO_FRAMES);
  const ftyp = key.ftyp ?? box('ftyp', Buffer.from('qt  \0\0\0\0qt  ', 'latin1'));
  // The index has one length whatever it says, so a first one tells where the samples begin.
  const headBytes = ftyp.byteLength + moov(key, samples, 0).byteLength + 16;
  const head = Buffer.concat([ftyp, moov(key, samples, headBytes), mdatHead(samples)]);
  const starts: number[] = [];
  let at = headBytes;
  for (const { sizeBytes } of samples) {
    starts.push(at);
    at += sizeBytes;
  }
  return {
    sizeBytes: at,
    frames: samples.length,
    async readFrom(offset) {
      if (offset < headBytes) return head.subarray(offset);
      const index = lastAtOrBelow(starts, offset);
      const { offset: from, sizeBytes } = samples[index]!;
      const inside = offset - starts[index]!;
      return content.readExactly(from + inside, Math.min(sizeBytes - inside, MOST_READ_BYTES));
    },
  };
}

/** Ticks of the track in a second: at 12 of an `mdhd` of version 0, at 20 of version 1, behind 8 bytes of head. */
function timescaleOf(mdhd: Uint8Array): number {
  const bytes = Buffer.from(mdhd.buffer, mdhd.byteOffset, mdhd.byteLength);
  const at = 8 + (bytes[8] === 1 ? 20 : 12);
  return at + 4 <= bytes.length ? Math.max(1, bytes.readUInt32BE(at)) : 1;
}

function longestGap({ samples, endTime }: KeySamples): number {
  return samples.reduce((longest, { decodeTime }, index) => Math.max(longest, (samples[index + 1]?.decodeTime ?? endTime) - decodeTime), 0);
}

/** Leaves out samples nearer than `spacing` (in the track's units, less a hundredth for times that are rounded) to the last one kept. */
function thin(samples: readonly KeySample[], spacing: number): readonly KeySample[] {
  const least = spacing * 0.99;
  const kept: KeySample[] = [];
  for (const sample of samples) if (kept.length === 0 || sample.decodeTime - kept.at(-1)!.decodeTime >= least) kept.push(sample);
  return kept;
}

function moov(key: KeySamples, samples: readonly KeySample[], firstByte: number): Buffer {
  const kept = (path: string): Uint8Array => key.boxes.get(path) ?? new Uint8Array(0);
  // The last sample lasts as long as the one before it; nobody looks.
  const deltas = samples.map(({ decodeTime }, index) => (samples[index + 1]?.decodeTime ?? decodeTime + 1) - decodeTime);
  let at = firstByte;
  const places = samples.map(({ sizeBytes }) => (at += sizeBytes) - sizeBytes);
  const stbl = box(
    'stbl',
    kept('trak/mdia/minf/stbl/stsd'),
    table('stts', samples.length, deltas.flatMap((delta) => [1, delta])),
    table('ctts', samples.length, samples.flatMap(({ compositionOffset }) => [1, compositionOffset])),
    table('stsc', 1, [1, 1, 1]),
    table('stsz', 0, [samples.length, ...samples.map(({ sizeBytes }) => sizeBytes)]),
    table('co64', samples.length, places.flatMap((place) => [Math.floor(place / 2 ** 32), place % 2 ** 32])),
  );
  const minf = box('minf', kept('trak/mdia/minf/vmhd'), kept('trak/mdia/minf/dinf'), stbl);
  const mdia = box('mdia', kept('trak/mdia/mdhd'), kept('trak/mdia/hdlr'), minf);
  return box('moov', kept('mvhd'), box('trak', kept('trak/tkhd'), kept('trak/edts'), mdia));
}

/** A box of version 0 that holds a count (for `stsz`: the size of all samples, 0) and words of 32 bits. */
function table(type: string, count: number, words: readonly number[]): Buffer {
  const body = Buffer.alloc(8 + words.length * 4);
  body.writeUInt32BE(count, 4);
  for (const [index, word] of words.entries()) body.writeUInt32BE(word >>> 0, 8 + index * 4);
  return box(type, body);
}

function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(parts.reduce((sum, part) => sum + part.byteLength, 8), 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...parts]);
}

function mdatHead(samples: readonly KeySample[]): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(1, 0);
  head.write('mdat', 4, 'latin1');
  head.writeBigUInt64BE(BigInt(samples.reduce((sum, { sizeBytes }) => sum + sizeBytes, 16)), 8);
  return head;
}

function lastAtOrBelow(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
