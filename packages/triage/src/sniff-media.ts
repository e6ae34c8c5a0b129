import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RandomAccessSource } from '@kerbside/bytes';
import { FORM, STATUS, type Catalogue } from './catalogue.ts';
import { SLICE_MS } from './run-context.ts';

/**
 * Items whose first bytes are looked at to find media under other names. Each look can cost a seek,
 * so it is bounded, and comes after all that is media by name has been read.
 */
const MAX_LOOKS = 20_000;

/** Smaller ones are read whole soon enough. */
const MIN_SIZE_BYTES = 8 * 1024;

/** Enough for every signature below. */
const HEAD_BYTES = 16;

/** Endings that programs and systems use; a file with any other, or none (browser caches, renamed pictures), is looked at. */
const SYSTEM_NAME =
  /\.(dll|exe|sys|mui|so(\.\d+)*|a|o|ko|py|pyc|js|css|html?|xml|json|txt|log|md|ini|cfg|conf|cat|inf|man|gz|xz|deb|msi|cab|ttf|otf|woff2?|fon|nls|pdb|lib|h|c|cpp|jar|class|dex|apk|odex|vdex|svg|mp3|wav|ogg|flac|m4a|aac|wma)$/;

/**
 * Looks at the first bytes of pending items from `from` on and returns those that are pictures or
 * video whatever their name. Same source, same answer.
 */
export async function sniffMedia(catalogue: Catalogue, from: number, source: RandomAccessSource, isWanted: (ordinal: number) => boolean, signal: AbortSignal): Promise<ReadonlySet<number>> {
  const candidates: number[] = [];
  for (let ordinal = from; ordinal < catalogue.length && candidates.length < MAX_LOOKS; ordinal++) {
    if (catalogue.status(ordinal) !== STATUS.pending || catalogue.form(ordinal) !== FORM.extents || catalogue.sizeBytes(ordinal) < MIN_SIZE_BYTES) continue;
    if (isWanted(ordinal) && !SYSTEM_NAME.test(catalogue.name(ordinal).toLowerCase())) candidates.push(ordinal);
  }
  candidates.sort((a, b) => catalogue.firstOffset(a) - catalogue.firstOffset(b) || a - b);
  const found = new Set<number>();
  const head = Buffer.alloc(HEAD_BYTES);
  let sliceEnd = performance.now() + SLICE_MS;
  for (const ordinal of candidates) {
    const offset = catalogue.firstOffset(ordinal);
    if (offset >= 0 && offset + HEAD_BYTES <= source.sizeBytes && source.readInto(head, offset).length === 0 && isMediaHead(head)) found.add(ordinal);
    if (performance.now() < sliceEnd) continue;
    await nextTurn();
    if (signal.aborted) break;
    sliceEnd = performance.now() + SLICE_MS;
  }
  return found;
}

/** ISO base media brands that are sound, not pictures. */
const SOUND_BRANDS = ['M4A ', 'M4B ', 'M4P '];

/** JPEG, PNG, GIF, BMP, TIFF, RIFF (WebP, AVI), ISO base media (MP4, MOV, HEIC, AVIF), Matroska, ASF, MPEG, FLV. */
export function isMediaHead(head: Buffer): boolean {
  const first = head.readUInt32BE(0);
  const text = head.toString('latin1');
  if (text.startsWith('ftyp', 4)) return !SOUND_BRANDS.includes(text.slice(8, 12));
  if (text.startsWith('RIFF')) return text.startsWith('WEBP', 8) || text.startsWith('AVI ', 8);
  return (
    first >>> 8 === 0xffd8ff ||
    first === 0x89504e47 ||
    first === 0x49492a00 ||
    first === 0x4d4d002a ||
    first === 0x1a45dfa3 ||
    first === 0x3026b275 ||
    first === 0x000001ba ||
    first === 0x000001b3 ||
    text.startsWith('GIF8') ||
    text.startsWith('FLV\u0001') ||
    text.startsWith('moov', 4) ||
    text.startsWith('mdat', 4) ||
    (text.startsWith('BM') && head.readUInt32LE(6) === 0)
  );
}
