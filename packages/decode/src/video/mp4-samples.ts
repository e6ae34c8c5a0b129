import { ByteView, KerbsideError } from '@kerbside/bytes';
import type { RangedContent } from './ranged-content.ts';

/**
 * Where the samples of the pictures lie in an MP4 or QuickTime file with one index (ISO/IEC 14496-12):
 *
 * | box | bytes | what |
 * | --- | --- | --- |
 * | any | u32 size, 4 type; size 1: u64 size follows; size 0: to the end | top level: `ftyp`, `moov`, `mdat`, … |
 * | moov/trak/mdia/hdlr | at 8: 4 handler | `vide` for pictures |
 * | …/stbl/stts | at 4: u32 count; then u32 samples, u32 delta | decoding times |
 * | …/stbl/ctts | the same, u32 (or i32) offset | composition times, optional |
 * | …/stbl/stss | at 4: u32 count; then u32 number from 1 | sync samples; absent: all are |
 * | …/stbl/stsc | at 4: u32 count; then u32 first chunk, u32 samples, u32 description | samples of chunks |
 * | …/stbl/stsz | at 4: u32 size of all, or 0; u32 count; then u32 size | sizes |
 * | …/stbl/stco, co64 | at 4: u32 count; then u32 or u64 offset | chunks |
 */
export interface KeySamples {
  readonly ftyp: Uint8Array | null;
  /** Boxes of the track that are kept as they are, by path. */
  readonly boxes: ReadonlyMap<string, Uint8Array>;
  readonly samples: readonly KeySample[];
  /** Time behind the last sample, in the track's units. */
  readonly endTime: number;
  /** Samples of any kind lie behind the end of the content. */
  readonly cutOff: boolean;
}

/** One sync sample: place, size in bytes, times in the track's units. */
export interface KeySample {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly decodeTime: number;
  readonly compositionOffset: number;
}

/** Larger indexes are left to ffmpeg: a day of video at 30 frames a second has 40 MB. */
const MAX_MOOV_BYTES = 64 * 1024 * 1024;
const MAX_TOP_BOXES = 1000;
const MAX_TRACKS = 64;
/** A key frame of 8K at the highest rates is below 20 MB. */
const MAX_SAMPLE_BYTES = 64 * 1024 * 1024;

/** Samples of a track: two days at 30 frames a second; and sync samples among them: four hours where all are. */
const MAX_SAMPLES = 5_000_000;
const MAX_SYNC_SAMPLES = 500_000;

/** Boxes copied to the clip of key frames, from `moov` on. */
const KEPT = ['mvhd', 'trak/tkhd', 'trak/edts', 'trak/mdia/mdhd', 'trak/mdia/hdlr', 'trak/mdia/minf/vmhd', 'trak/mdia/minf/dinf', 'trak/mdia/minf/stbl/stsd'];

/**
 * Finds the sync samples of the first track of pictures.
 *
 * @returns null for anything unusual: no index, an index in fragments, another container. ffmpeg then reads all of the content
 */
export async function readKeySamples(content: RangedContent): Promise<KeySamples | null> {
  try {
    const top = await findTop(content);
    return top === null ? null : readTrack(top.moov, top.ftyp, content.sizeBytes);
  } catch (error) {
    // A hostile or broken index is ffmpeg's to judge.
    if (error instanceof KerbsideError && error.kind === 'malformed') return null;
    throw error;
  }
}

async function findTop(content: RangedContent): Promise<{ readonly moov: ByteView; readonly ftyp: Uint8Array | null } | null> {
  let ftyp: Uint8Array | null = null;
  for (let at = 0, boxes = 0; at + 16 <= content.sizeBytes && boxes < MAX_TOP_BOXES; boxes += 1) {
    const head = new ByteView(await content.readExactly(at, 16));
    const short = head.u32be(0);
    const size = short === 1 ? head.u64be(8) : short === 0 ? content.sizeBytes - at : short;
    const header = short === 1 ? 16 : 8;
    if (size < header || !Number.isSafeInteger(size)) return null;
    if (boxes === 0 && !/^(?:ftyp|moov|mdat|wide|free|skip)$/.test(head.bytes.toString('latin1', 4, 8))) return null;
    if (head.hasAscii(4, 'moof')) return null;
    if (head.hasAscii(4, 'ftyp') && size <= 1024) ftyp = await content.readExactly(at, Math.min(size, content.sizeBytes - at));
    if (head.hasAscii(4, 'moov')) {
      if (size > MAX_MOOV_BYTES || at + size > content.sizeBytes) return null;
      return { moov: new ByteView(await content.readExactly(at + header, size - header)), ftyp };
    }
    at += size;
  }
  return null;
}

/** The boxes inside one, with their bodies. @throws MalformedError `structure-too-short` */
function children(view: ByteView): { readonly type: string; readonly body: ByteView; readonly whole: Uint8Array }[] {
  const found: { readonly type: string; readonly body: ByteView; readonly whole: Uint8Array }[] = [];
  for (let at = 0; at + 8 <= view.length && found.length < MAX_TOP_BOXES; ) {
    const size = view.u32be(at);
    // QuickTime may close a list with four zero bytes.
    if (size < 8) break;
    const whole = view.slice(at, size);
    found.push({ type: whole.bytes.toString('latin1', 4, 8), body: whole.slice(8, size - 8), whole: whole.bytes });
    at += size;
  }
  return found;
}

function descend(view: ByteView, path: string): ByteView | null {
  return path.split('/').reduce<ByteView | null>((inside, type) => (inside === null ? null : (children(inside).find((box) => box.type === type)?.body ?? null)), view);
}

function readTrack(moov: ByteView, ftyp: Uint8Array | null, sizeBytes: number): KeySamples | null {
  const tracks = children(moov);
  if (tracks.some(({ type }) => type === 'mvex' || type === 'cmov') || tracks.length > MAX_TRACKS) return null;
  const trak = tracks.find(({ type, body }) => type === 'trak' && (descend(body, 'mdia/hdlr')?.hasAscii(8, 'vide') ?? false))?.body;
  const stbl = trak === undefined ? null : descend(trak, 'mdia/minf/stbl');
  if (trak === undefined || stbl === null) return null;
  const boxes = new Map<string, Uint8Array>();
  for (const path of KEPT) {
    const steps = path.split('/');
    const inside = steps[0] === 'trak' ? steps.slice(1, -1).reduce<ByteView | null>((view, step) => (view === null ? null : descend(view, step)), trak) : moov;
    const box = inside === null ? undefined : children(inside).find(({ type }) => type === steps.at(-1));
    if (box !== undefined) boxes.set(path, box.whole);
  }
  const tables = new Map(children(stbl).map(({ type, body }) => [type, body]));
  return readTables(tables, { ftyp, boxes }, sizeBytes);
}

function readTables(tables: ReadonlyMap<string, ByteView>, rest: Pick<KeySamples, 'ftyp' | 'boxes'>, sizeBytes: number): KeySamples | null {
  const [stts, stsc, stsz, stss, ctts] = ['stts', 'stsc', 'stsz', 'stss', 'ctts'].map((name) => tables.get(name));
  const chunks = tables.get('stco') ?? tables.get('co64');
  if (stts === undefined || stsc === undefined || stsz === undefined || chunks === undefined) return null;
  const wide = !tables.has('stco');
  const count = stsz.u32be(8);
  if (count > MAX_SAMPLES) return null;
  const sizeOfAll = stsz.u32be(4);
  const isSync = syncFlags(stss, count);
  const times = new RunTable(stts);
  const offsets = ctts === undefined ? null : new RunTable(ctts);
  const samples: KeySample[] = [];
  let cutOff = false;
  let decodeTime = 0;
  let index = 0;
  let run = 0;
  for (let chunk = 0; chunk < chunks.u32be(4) && index < count; chunk += 1) {
    while (run + 1 < stsc.u32be(4) && stsc.u32be(8 + (run + 1) * 12) <= chunk + 1) run += 1;
    // More than one description (a change of codec in mid-track) is left to ffmpeg.
    if (stsc.u32be(8 + run * 12 + 8) !== 1) return null;
    let offset = wide ? chunks.u64be(8 + chunk * 8) : chunks.u32be(8 + chunk * 4);
    const inChunk = stsc.u32be(8 + run * 12 + 4);
    for (let one = 0; one < inChunk && index < count; one += 1) {
      const size = sizeOfAll === 0 ? stsz.u32be(12 + index * 4) : sizeOfAll;
      const compositionOffset = offsets?.next() ?? 0;
      if (offset + size > sizeBytes) cutOff = true;
      else if (isSync(index) && size > 0) {
        if (size > MAX_SAMPLE_BYTES || samples.length >= MAX_SYNC_SAMPLES) return null;
        samples.push({ offset, sizeBytes: size, decodeTime, compositionOffset });
      }
      decodeTime += times.next();
      offset += size;
      index += 1;
    }
  }
  // Times count from the first sample: without it they would all be shifted.
  return samples.length === 0 || samples[0]!.decodeTime !== 0 || !Number.isSafeInteger(decodeTime) ? null : { ...rest, samples, endTime: decodeTime, cutOff };
}

function syncFlags(stss: ByteView | undefined, count: number): (index: number) => boolean {
  if (stss === undefined) return () => true;
  const numbers = new Set<number>();
  for (let entry = 0; entry < Math.min(stss.u32be(4), count); entry += 1) numbers.add(stss.u32be(8 + entry * 4));
  return (index) => numbers.has(index + 1);
}

/** A table of runs (`stts`, `ctts`): count of samples and one value for each of them. */
class RunTable {
  readonly #view: ByteView;
  #entry = 0;
  #left = 0;

  constructor(view: ByteView) {
    this.#view = view;
  }

  /** The value of the next sample, as an unsigned number; 0 behind the end of the table. */
  next(): number {
    while (this.#left === 0) {
      if (this.#entry >= this.#view.u32be(4)) return 0;
      this.#left = this.#view.u32be(8 + this.#entry * 8);
      this.#entry += 1;
    }
    this.#left -= 1;
    return this.#view.u32be(8 + (this.#entry - 1) * 8 + 4);
  }
}
