/**
 * AVI (Microsoft AVI RIFF file reference; OpenDML 1.02 for files past 1 GB): a RIFF of form `AVI ` with
 * `LIST hdrl` (main header `avih`, 56 bytes), `LIST movi` (the frames) and usually `idx1`; then, in an
 * OpenDML file, further RIFFs of form `AVIX` with a `movi` each.
 *
 * `idx1` holds 16 bytes a frame: its chunk's type, flags u32, offset u32 (from `movi`'s form type, or
 * from the file's start) and length u32.
 *
 * Validated: chunk lengths up to the exact end of each RIFF, the main header, the first frame's head,
 * and where there is an index, that some of the frames it names stand where it says. The frames
 * themselves are not read: a long file costs no more than a short one.
 */
import { MAX_CARVED_BYTES, MAX_PARTS } from './carving-limits.ts';
import { readRiffChunk, type RiffChunk } from './riff-chunks.ts';
import type { RunPages } from './run-pages.ts';
import type { WalkOutcome } from './structure-walk.ts';

const INDEX_ENTRY_BYTES = 16;
/** Frames looked for by the index, spread over the file: a file in pieces fails at one of them. */
const FRAMES_CHECKED = 8;
const MAIN_HEADER_BYTES = 56;

export function* walkAvi(pages: RunPages, start: number): Generator<void, WalkOutcome, undefined> {
  const kind = 'avi';
  const head = readRiffChunk(pages, start, pages.end);
  if (head?.form !== 'AVI ') {
    const form = pages.piece(start, 12)?.toString('latin1', 8, 12);
    // Longer than the free space, or a recording that was cut off before its length was written.
    return { outcome: form === 'AVI ' ? 'incomplete' : 'not-it', kind };
  }
  const first = yield* walkRiff(pages, head, true);
  if (first !== 'whole') return { outcome: first, kind };
  let end = head.next;
  for (let parts = 0; ; parts++) {
    if (parts > MAX_PARTS) return { outcome: 'too-many-parts', kind };
    if (end - start > MAX_CARVED_BYTES.avi) return { outcome: 'too-long', kind };
    const next = pages.peek(end, 12);
    if (next === null || next.toString('latin1', 0, 4) !== 'RIFF' || next.toString('latin1', 8, 12) !== 'AVIX') break;
    const further = readRiffChunk(pages, end, pages.end);
    if (further === null || (yield* walkRiff(pages, further, false)) !== 'whole') return { outcome: 'incomplete', kind };
    end = further.next;
  }
  return { outcome: 'whole', kind, extension: 'avi', end };
}

function* walkRiff(pages: RunPages, riff: RiffChunk, isFirst: boolean): Generator<void, 'whole' | 'not-it' | 'incomplete' | 'too-many-parts', undefined> {
  let movi: RiffChunk | null = null;
  let hasHeader = !isFirst;
  for (let at = riff.contentAt, chunks = 0; at < riff.end; chunks++) {
    if (chunks > MAX_PARTS) return 'too-many-parts';
    const chunk = readRiffChunk(pages, at, riff.end);
    if (chunk === null) return chunks === 0 ? 'not-it' : 'incomplete';
    if (chunk.form === 'hdrl') hasHeader = isHeaderList(pages, chunk);
    if (chunk.form === 'movi') {
      movi = chunk;
      const frame = chunk.contentAt < chunk.end ? readRiffChunk(pages, chunk.contentAt, chunk.end) : null;
      if (frame === null || !isFrameType(frame)) return 'incomplete';
    }
    if (chunk.type === 'idx1' && movi !== null && !indexHolds(pages, riff.at, movi, chunk)) return 'incomplete';
    at = chunk.next;
    pages.lookedAtBytes += 64;
    if (chunks % 256 === 255) yield;
  }
  return movi !== null && hasHeader ? 'whole' : 'incomplete';
}

function isHeaderList(pages: RunPages, list: RiffChunk): boolean {
  const main = readRiffChunk(pages, list.contentAt, list.end);
  if (main?.type !== 'avih' || main.end - main.contentAt < MAIN_HEADER_BYTES) return false;
  const streams = pages.peek(main.contentAt, MAIN_HEADER_BYTES)?.readUInt32LE(24) ?? 0;
  return streams > 0 && streams <= 256;
}

/** `00dc`, `01wb`, `ix00`, `JUNK`, or a `LIST rec ` of them. */
function isFrameType(chunk: RiffChunk): boolean {
  return /^(?:[0-9A-Fa-f]{2}[A-Za-z]{2}|ix[0-9]{2}|JUNK|LIST)$/.test(chunk.type);
}

function indexHolds(pages: RunPages, fileAt: number, movi: RiffChunk, index: RiffChunk): boolean {
  const entries = Math.floor((index.end - index.contentAt) / INDEX_ENTRY_BYTES);
  for (let i = 0; i < FRAMES_CHECKED && i < entries; i++) {
    const number = FRAMES_CHECKED > 1 && entries > FRAMES_CHECKED ? Math.floor((i * (entries - 1)) / (FRAMES_CHECKED - 1)) : i;
    const entry = pages.peek(index.contentAt + number * INDEX_ENTRY_BYTES, INDEX_ENTRY_BYTES);
    if (entry === null) return false;
    const offset = entry.readUInt32LE(8);
    const stands = [movi.contentAt - 4 + offset, fileAt + offset].some((at) => {
      const chunk = at >= movi.contentAt && at + 8 <= movi.end ? pages.peek(at, 8) : null;
      return chunk !== null && chunk.compare(entry, 0, 4, 0, 4) === 0 && (chunk.readUInt32LE(4) === entry.readUInt32LE(12) || chunk.toString('latin1', 0, 4) === 'LIST');
    });
    if (!stands) return false;
  }
  return true;
}
