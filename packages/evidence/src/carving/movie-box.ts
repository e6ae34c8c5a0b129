/**
 * What carving needs of a movie header (`moov`; ISO/IEC 14496-12, 8.2 to 8.8): `mvhd`, and of each
 * `trak`/`mdia`/`minf`/`stbl` where its samples stand. Each table: version and flags u32, then
 *
 * | box | content |
 * | --- | --- |
 * | stco, co64 | count u32, offsets of chunks from the file's start, u32 or u64 |
 * | stsc | count u32, each: first chunk u32 (from 1), samples in each chunk u32, description u32 |
 * | stsz | size of all samples u32 or 0, count u32, and where 0 the size of each u32 |
 */
import { readChildren, type Box } from './boxes.ts';
import type { RunPages } from './run-pages.ts';

/** The sample tables of one track, as boxes of the run. */
interface Track {
  readonly chunks: Box;
  /** Bytes of one chunk offset: 4 or 8. */
  readonly width: number;
  readonly samplesOfChunks: Box | null;
  readonly sampleSizes: Box | null;
}

export interface Movie {
  readonly tracks: readonly Track[];
  /** Samples may stand in `moof` boxes of their own. */
  readonly isFragmented: boolean;
}

const MAX_TRACKS = 64;
/** Places of each track that are looked up: evenly spread, the first and the last among them. */
const PLACES_CHECKED = 64;
/** Entries read one by one to find where the last sample ends. */
const MAX_ENTRIES_READ = 100_000;

/** What one entry of a table counts for among the bytes looked at: far more than its length, as the way to it is the work. */
const LOOK_BYTES = 64;

/** Reads a `moov` box; null when it is not whole. A compressed header (`cmov`) cannot be looked into and counts as not whole. */
export function readMovie(pages: RunPages, moov: Box): Movie | null {
  const children = readChildren(pages, moov);
  if (children === null || !children.some(({ type }) => type === 'mvhd')) return null;
  const traks = children.filter(({ type }) => type === 'trak');
  if (traks.length === 0 || traks.length > MAX_TRACKS) return null;
  const tracks: Track[] = [];
  for (const trak of traks) {
    const table = descend(pages, trak, ['mdia', 'minf', 'stbl']);
    if (table === null) return null;
    const boxes = readChildren(pages, table);
    const chunks = boxes?.find(({ type }) => type === 'stco' || type === 'co64');
    if (boxes === null || chunks === undefined) return null;
    const find = (name: string): Box | null => boxes.find(({ type }) => type === name) ?? null;
    tracks.push({ chunks, width: chunks.type === 'stco' ? 4 : 8, samplesOfChunks: find('stsc'), sampleSizes: find('stsz') });
  }
  return { tracks, isFragmented: children.some(({ type }) => type === 'mvex') };
}

function descend(pages: RunPages, from: Box, types: readonly string[]): Box | null {
  let box: Box | null = from;
  for (const wanted of types) {
    box = (box === null ? null : readChildren(pages, box))?.find(({ type }) => type === wanted) ?? null;
  }
  return box;
}

/** Whether the chunks that the tracks name lie in the media data. A movie without any sample holds nothing and is not whole. */
export function movieHolds(pages: RunPages, movie: Movie, start: number, media: readonly Box[]): boolean {
  let places = 0;
  for (const track of movie.tracks) {
    const count = countOf(pages, track.chunks, 4, track.width);
    if (count < 0) return false;
    for (let i = 0; i < Math.min(count, PLACES_CHECKED); i++) {
      const number = count <= PLACES_CHECKED ? i : Math.floor((i * (count - 1)) / (PLACES_CHECKED - 1));
      const offset = start + chunkOffset(pages, track, number);
      if (!media.some((box) => offset >= box.contentAt && offset < box.end)) return false;
      places += 1;
    }
  }
  return places > 0;
}

/** Where the last sample of all tracks ends, in bytes from the file's start; -1 when the tables do not say. */
export function movieEnd(pages: RunPages, movie: Movie): number {
  let end = -1;
  for (const track of movie.tracks) {
    const count = countOf(pages, track.chunks, 4, track.width);
    if (count < 0) return -1;
    if (count === 0) continue;
    const length = lastChunkBytes(pages, track, count);
    if (length < 0) return -1;
    end = Math.max(end, chunkOffset(pages, track, count - 1) + length);
  }
  return end;
}

/** Entries of a table, or -1 when the box is too short for them. `countAt`: where the count stands in the content. */
function countOf(pages: RunPages, box: Box, countAt: number, width: number): number {
  const count = u32(pages, box, countAt);
  return count >= 0 && box.contentAt + countAt + 4 + count * width <= box.end ? count : -1;
}

function u32(pages: RunPages, box: Box, at: number): number {
  pages.lookedAtBytes += LOOK_BYTES;
  return box.contentAt + at + 4 <= box.end ? (pages.peek(box.contentAt + at, 4)?.readUInt32BE(0) ?? -1) : -1;
}

/** -1 where it cannot be read. */
function chunkOffset(pages: RunPages, track: Track, number: number): number {
  pages.lookedAtBytes += LOOK_BYTES;
  const bytes = pages.peek(track.chunks.contentAt + 8 + number * track.width, track.width);
  if (bytes === null) return -1;
  return track.width === 4 ? bytes.readUInt32BE(0) : bytes.readUInt32BE(0) * 0x1_0000_0000 + bytes.readUInt32BE(4);
}

/** Length of the last of `chunks` chunks, by its number of samples and their sizes. */
function lastChunkBytes(pages: RunPages, track: Track, chunks: number): number {
  const { samplesOfChunks, sampleSizes } = track;
  if (samplesOfChunks === null || sampleSizes === null) return -1;
  const runs = countOf(pages, samplesOfChunks, 4, 12);
  const oneSize = u32(pages, sampleSizes, 4);
  const samples = oneSize === 0 ? countOf(pages, sampleSizes, 8, 4) : u32(pages, sampleSizes, 8);
  if (runs < 1 || runs > MAX_ENTRIES_READ || oneSize < 0 || samples < 1) return -1;
  let before = 0;
  for (let run = 0; run < runs; run++) {
    const first = u32(pages, samplesOfChunks, 8 + run * 12);
    const next = run + 1 < runs ? u32(pages, samplesOfChunks, 8 + (run + 1) * 12) : chunks;
    if (first < 1 || next < first || next > chunks) return -1;
    before += (next - first) * u32(pages, samplesOfChunks, 12 + run * 12);
  }
  const inLast = samples - before;
  if (inLast < 1 || inLast > MAX_ENTRIES_READ) return -1;
  if (oneSize > 0) return inLast * oneSize;
  let length = 0;
  for (let sample = before; sample < samples; sample++) length += Math.max(0, u32(pages, sampleSizes, 12 + sample * 4));
  return length;
}
