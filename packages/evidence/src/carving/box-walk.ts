/**
 * Files made of boxes: HEIC and AVIF (ISO/IEC 23008-12), MP4 and its kin (ISO/IEC 14496-12, -14), MOV.
 * They end where no further box of a type that stands at the top follows.
 *
 * Validated: box lengths up to the end; of a movie its header, the tables of every track, and that the
 * places these name (a spread of them) lie in the media data; of a still its handler, and that every
 * place its item table names lies in the file. The media data is not read: a long recording costs no
 * more than a short one, and one in pieces whose end stands in free space too is not noticed.
 */
import { readBox, type Box } from './boxes.ts';
import { MAX_CARVED_BYTES, MAX_PARTS, type CarvedKind } from './carving-limits.ts';
import { movieEnd, movieHolds, readMovie, type Movie } from './movie-box.ts';
import type { RunPages } from './run-pages.ts';
import { stillHolds } from './still-box.ts';
import type { WalkOutcome } from './structure-walk.ts';

/** Types that stand at the top of a file; others end it. `mpvd`: a phone's video behind its still. */
const TOP_TYPES: ReadonlySet<string> = new Set(
  'ftyp styp moov mdat moof mfra sidx ssix meta meco free skip wide uuid udta pdin prft emsg pnot PICT mpvd sefd thum cust'.split(' '),
);

/** First boxes of a QuickTime movie that has no `ftyp`. */
const OLD_FIRST_TYPES: ReadonlySet<string> = new Set(['moov', 'mdat', 'wide', 'free', 'skip', 'pnot']);

const STILL_BRANDS: ReadonlySet<string> = new Set('heic heix heim heis hevc hevx mif1 mif2 msf1 avif avis'.split(' '));

/** Media data boxes that are remembered, to look for a movie's places in them. A recording in fragments has no such places. */
const MAX_MEDIA_KEPT = 4_096;

interface Top {
  readonly brand: string;
  readonly media: Box[];
  movie: Movie | null;
  meta: Box | null;
  fragments: number;
  lastType: string;
}

export function* walkBoxes(pages: RunPages, start: number): Generator<void, WalkOutcome, undefined> {
  const first = readBox(pages, start, pages.end);
  const brand = first?.type === 'ftyp' && first.end - first.contentAt >= 8 ? (pages.piece(first.contentAt, 4)?.toString('latin1') ?? '') : '';
  const kind: CarvedKind = STILL_BRANDS.has(brand) ? 'heif' : 'mp4';
  if (first === null || (brand === '' && !OLD_FIRST_TYPES.has(first.type))) return { outcome: 'not-it', kind };
  const top: Top = { brand, media: [], movie: null, meta: null, fragments: 0, lastType: '' };
  let at = start;
  for (let count = 0; ; count++) {
    if (count > MAX_PARTS) return { outcome: 'too-many-parts', kind };
    const box = readBox(pages, at, pages.end);
    if (box === null || !TOP_TYPES.has(box.type) || (box.type === 'ftyp' && count > 0)) {
      // A box that belongs here and passes the end of the free space: the file is not all there.
      const type = pages.peek(at + 4, 4)?.toString('latin1') ?? '';
      if (box === null && TOP_TYPES.has(type)) return { outcome: broken(top), kind };
      break;
    }
    const end = box.toTheEnd ? endOfOpenBox(pages, start, box, top) : box.end;
    if (end <= at || !noteBox(pages, top, box, end)) return { outcome: broken(top), kind };
    if (end - start > MAX_CARVED_BYTES[kind]) return { outcome: 'too-long', kind };
    at = end;
    pages.lookedAtBytes += 64;
    if (box.toTheEnd) break;
    if (count % 256 === 255) yield;
  }
  return isWhole(pages, top, start, at) ? { outcome: 'whole', kind, extension: extensionOf(top), end: at } : { outcome: broken(top), kind };
}

/** Without `ftyp` and movie header there was nothing but a four-letter word at the right place. */
function broken(top: Top): 'not-it' | 'incomplete' {
  return top.brand === '' && top.movie === null ? 'not-it' : 'incomplete';
}

function noteBox(pages: RunPages, top: Top, box: Box, end: number): boolean {
  top.lastType = box.type;
  switch (box.type) {
    case 'moov':
      // A second movie header is another file's.
      if (top.movie !== null) return false;
      top.movie = readMovie(pages, box);
      return top.movie !== null;
    case 'meta':
      top.meta ??= box;
      return true;
    case 'mdat':
      if (top.media.length < MAX_MEDIA_KEPT) top.media.push({ ...box, end });
      return true;
    case 'moof':
      top.fragments += 1;
      return true;
    default:
      return true;
  }
}

/** Where media data ends that goes "to the end of the file": after the last sample that the tracks name. -1 when nothing says. */
function endOfOpenBox(pages: RunPages, start: number, box: Box, top: Top): number {
  if (box.type !== 'mdat' || top.movie === null) return -1;
  const end = start + movieEnd(pages, top.movie);
  return end > box.contentAt && end <= pages.end ? end : -1;
}

function isWhole(pages: RunPages, top: Top, start: number, end: number): boolean {
  if (top.lastType === 'moof') return false;
  if (top.movie === null) return top.meta !== null && STILL_BRANDS.has(top.brand) && stillHolds(pages, top.meta, start, end);
  if (top.movie.isFragmented && top.fragments > 0) return true;
  return top.media.length > 0 && movieHolds(pages, top.movie, start, top.media);
}

function extensionOf(top: Top): string {
  const brand = top.brand.trim();
  if (top.movie === null) return brand.startsWith('avi') ? 'avif' : 'heic';
  if (brand === '' || brand === 'qt') return 'mov';
  if (brand.startsWith('3g')) return '3gp';
  return brand.startsWith('M4A') || brand.startsWith('M4B') ? 'm4a' : brand === 'crx' ? 'cr3' : STILL_BRANDS.has(brand) ? (brand.startsWith('avi') ? 'avif' : 'heic') : 'mp4';
}
