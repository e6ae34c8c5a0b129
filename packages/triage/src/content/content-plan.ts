import { createHash } from 'node:crypto';
import { FLAG, FORM, STATUS, type Catalogue } from '../catalogue.ts';
import { BAND, priorityRule } from '../priority.ts';
import { findNamedContent, type NamedContent } from './content-by-name.ts';

/** A batch goes to one thread and into the journal as one: small enough that a stop loses little. */
const BATCH_BYTES = 16 * 1024 * 1024;
const BATCH_ITEMS = 64;

/**
 * Why an item with content is not looked into. `held-in-metadata`: under about 900 bytes, which hold no picture worth
 * comparing; hashed where they stand. `without-place`: a problem of the file lane already. `left-by-profile`: its name is not that of
 * anything that the profile looks into.
 */
export type NotLookedInto = 'held-in-metadata' | 'without-place' | 'left-by-profile';

/** Which items the profile looks into. Only `all` goes by content alone, as it costs a seek an item. */
export type LookInto = 'containers-by-name' | 'media-by-name' | 'all';

/** Endings of archives, office and e-book files, mail, backups and thumbnail stores; those that only a name tells are in content-by-name.ts. */
const CONTAINER_NAME =
  /(\.(zip|zipx|7z|rar|cb[zr7]|tar|t?gz|tgz|bz2|tbz2?|xz|txz|lzma|tlz|zst|docx|docm|xlsx|xlsm|pptx|pptm|od[tspg]|epub|jar|apk|ipa|ufdr|ab|mbox|mbx|eml|emlx|msg|pst|ost)|(^|\/)(thumbs\.db|ehthumbs(_vista)?\.db|thumbcache_[^/]*\.db|inbox|sent|manifest\.(db|mbdb)))$/;

/** Stores of thumbnails by their names, path or not. */
export const THUMBNAIL_STORE_NAME = /(^|\/)(thumbs\.db|ehthumbs(_vista)?\.db|thumbcache_[^/]*\.db|thumbnails\.data|\.?thumbdata[^/]*)$/;

/** Endings of pictures and video. */
const MEDIA_NAME = /\.(jpe?g|jpe|jfif|png|apng|gif|bmp|dib|webp|hei[cf]|hif|avif|tiff?|dng|cr[23w]|nef|arw|orf|rw2|raf|pef|srw|mp4|m4v|mov|qt|avi|mkv|webm|wmv|asf|flv|f4v|mpe?g|mpg|3gp|3g2|mts|m2ts|ts|vob|ogv|divx)$/;

/** Items whose content is looked at, in batches. */
export interface ContentPlan {
  readonly ordinals: Uint32Array;
  /** Index of each batch's first item, and last the number of items. */
  readonly batchStarts: Uint32Array;
  readonly batchCount: number;
  readonly plannedBytes: number;
  readonly notLookedInto: Readonly<Record<NotLookedInto, number>>;
  readonly fingerprint: string;
  /** What is told by its name, by ordinal; of what lies in several files, the one that stands for all. */
  readonly named: ReadonlyMap<number, NamedContent>;
}

/** Plans the lane over the items of the catalogue, likely ones first, then in the order of the disk. */
export function planContent(catalogue: Catalogue, lookInto: LookInto): ContentPlan {
  const named = findNamedContent(catalogue, lookInto === 'all');
  const rule = priorityRule(catalogue, 0);
  const wanted: number[] = [];
  const notLookedInto = { 'held-in-metadata': 0, 'without-place': 0, 'left-by-profile': 0 };
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    const status = catalogue.status(ordinal);
    if (status === STATUS.directory || status === STATUS.other || catalogue.sizeBytes(ordinal) === 0 || status === STATUS.skipped) continue;
    const form = catalogue.form(ordinal);
    if (form === FORM.inline) notLookedInto['held-in-metadata'] += 1;
    else if (form === FORM.none || (catalogue.flags(ordinal) & FLAG.badExtents) !== 0) notLookedInto['without-place'] += 1;
    else if (!named.has(ordinal) && !isLookedInto(catalogue, ordinal, lookInto)) notLookedInto['left-by-profile'] += 1;
    else wanted.push(ordinal);
  }
  const bands = new Uint8Array(catalogue.length);
  const offsets = new Float64Array(catalogue.length);
  for (const ordinal of wanted) {
    bands[ordinal] = rule.bandOf(ordinal, false) + (catalogue.state(ordinal) === 'allocated' ? 0 : BAND.count);
    offsets[ordinal] = catalogue.firstOffset(ordinal);
  }
  const ordinals = Uint32Array.from(wanted).sort((a, b) => bands[a]! - bands[b]! || offsets[a]! - offsets[b]! || a - b);
  const starts = [0];
  let batchBytes = 0;
  let plannedBytes = 0;
  for (const [index, ordinal] of ordinals.entries()) {
    const size = catalogue.sizeBytes(ordinal);
    if (index > starts.at(-1)! && (batchBytes + size > BATCH_BYTES || index - starts.at(-1)! >= BATCH_ITEMS)) {
      starts.push(index);
      batchBytes = 0;
    }
    batchBytes += size;
    plannedBytes += size;
  }
  if (ordinals.length > 0) starts.push(ordinals.length);
  const batchStarts = Uint32Array.from(starts);
  const fingerprint = createHash('sha256').update(catalogue.fingerprint()).update(Buffer.from(ordinals.buffer)).update(Buffer.from(batchStarts.buffer)).digest('hex');
  return { ordinals, batchStarts, batchCount: starts.length - 1, plannedBytes, notLookedInto, fingerprint, named };
}

function isLookedInto(catalogue: Catalogue, ordinal: number, lookInto: LookInto): boolean {
  if (lookInto === 'all') return true;
  const name = catalogue.name(ordinal).toLowerCase();
  return CONTAINER_NAME.test(name) || (lookInto === 'media-by-name' && MEDIA_NAME.test(name));
}
