/**
 * The item part of HEIF (ISO/IEC 14496-12 and 23008-12), as HEIC and AVIF have it. Boxes: length u32, type, content; big-endian.
 *
 *     meta: pitm  the main picture's item
 *           iinf  infe version 2 or 3: item u16 or u32, protection u16, type of four letters
 *           iloc  where items lie: widths of its fields, items, extents (version 1 and 2: also inside `idat`)
 *           iref  thmb: from a thumbnail to its picture
 *           iprp  ipco: properties in order (ispe: width and height); ipma: which item has which
 */
import { ByteView } from '@kerbside/bytes';

/** Items and extents that are looked at: a 200-megapixel picture in tiles of 512 has 800. */
const MAX_ITEMS = 4096;
const MAX_BOXES = 8192;

export interface HeifItems {
  readonly primary: number | null;
  /** Types by item, e.g. `hvc1`, `grid`, `Exif`. */
  readonly types: ReadonlyMap<number, string>;
  /** Items that are thumbnails of the main picture. */
  readonly thumbnails: readonly number[];
  sizeOf(item: number): { readonly width: number; readonly height: number } | null;
  /** Content of an item that lies in one piece; null otherwise. */
  contentOf(item: number): Uint8Array | null;
}

interface Box {
  readonly type: string;
  readonly body: ByteView;
}

/** Boxes of a stretch, as far as they are whole. A box that states more than there is ends the list. */
export function listBoxes(view: ByteView): Box[] {
  const boxes: Box[] = [];
  let at = 0;
  while (at + 8 <= view.length && boxes.length < MAX_BOXES) {
    let length = view.u32be(at);
    let head = 8;
    if (length === 1 && at + 16 <= view.length) {
      length = view.u64be(at + 8);
      head = 16;
    }
    if (length === 0) length = view.length - at;
    if (length < head || at + length > view.length) break;
    boxes.push({ type: view.bytes.toString('latin1', at + 4, at + 8), body: view.slice(at + head, length - head) });
    at += length;
  }
  return boxes;
}

/** @returns null when there is no `meta` box; damaged parts of it count as absent */
export function readHeifItems(bytes: Uint8Array): HeifItems | null {
  const file = new ByteView(bytes, 0);
  const meta = listBoxes(file).find(({ type }) => type === 'meta');
  if (meta === undefined || meta.body.length < 4) return null;
  const boxes = listBoxes(meta.body.slice(4, meta.body.length - 4));
  const part = <T>(type: string, absent: T, read: (view: ByteView) => T): T => {
    const box = boxes.find((one) => one.type === type);
    if (box === undefined) return absent;
    try {
      return read(box.body);
    } catch {
      // A field beyond the box's end: the part is damaged and counts as absent.
      return absent;
    }
  };
  const primary = part<number | null>('pitm', null, (view) => (view.u8(0) === 0 ? view.u16be(4) : view.u32be(4)));
  const places = part('iloc', new Map<number, Uint8Array>(), (view) => readLocations(view, file, boxes.find(({ type }) => type === 'idat')?.body ?? null));
  const sizes = part('iprp', new Map<number, { width: number; height: number }>(), readSizes);
  return {
    primary,
    types: part('iinf', new Map<number, string>(), readTypes),
    thumbnails: part<number[]>('iref', [], (view) => readThumbnails(view, primary)),
    sizeOf: (item) => sizes.get(item) ?? null,
    contentOf: (item) => places.get(item) ?? null,
  };
}

function readTypes(view: ByteView): Map<number, string> {
  const types = new Map<number, string>();
  const at = view.u8(0) === 0 ? 6 : 8;
  for (const { type, body } of listBoxes(view.slice(at, view.length - at)).slice(0, MAX_ITEMS)) {
    const version = type === 'infe' && body.length >= 12 ? body.u8(0) : 0;
    if (version === 2) types.set(body.u16be(4), body.bytes.toString('latin1', 8, 12));
    if (version === 3 && body.length >= 14) types.set(body.u32be(4), body.bytes.toString('latin1', 10, 14));
  }
  return types;
}

function readLocations(view: ByteView, file: ByteView, inner: ByteView | null): Map<number, Uint8Array> {
  const version = view.u8(0);
  const [offsetBytes, lengthBytes, baseBytes] = [view.u8(4) >> 4, view.u8(4) & 15, view.u8(5) >> 4];
  const indexBytes = version === 0 ? 0 : view.u8(5) & 15;
  const wide = version >= 2 ? 4 : 2;
  let at = 6;
  const take = (width: number): number => {
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + view.u8(at++);
    return value;
  };
  const places = new Map<number, Uint8Array>();
  // Fields may be 0 bytes wide: only the count then ends the walk.
  let extentsLeft = MAX_BOXES;
  for (let left = Math.min(take(wide), MAX_ITEMS); left > 0; left--) {
    const item = take(wide);
    const method = version === 0 ? 0 : take(2) & 15;
    take(2);
    const base = take(baseBytes);
    const extents = take(2);
    extentsLeft -= extents;
    if (extentsLeft < 0) break;
    for (let i = 0; i < extents; i++) {
      take(indexBytes);
      const offset = base + take(offsetBytes);
      const length = take(lengthBytes);
      const home = method === 0 ? file : method === 1 ? inner : null;
      if (extents === 1 && home !== null && offset + length <= home.length) places.set(item, home.bytes.subarray(offset, offset + length));
    }
  }
  return places;
}

function readThumbnails(view: ByteView, primary: number | null): number[] {
  const wide = view.u8(0) === 0 ? 2 : 4;
  const found: number[] = [];
  for (const { type, body } of listBoxes(view.slice(4, view.length - 4)).slice(0, MAX_ITEMS)) {
    if (type !== 'thmb' || body.length < 2 * wide + 2) continue;
    const read = (at: number): number => (wide === 2 ? body.u16be(at) : body.u32be(at));
    if (read(wide + 2) === primary) found.push(read(0));
  }
  return found;
}

function readSizes(view: ByteView): Map<number, { width: number; height: number }> {
  const boxes = listBoxes(view);
  const properties = listBoxes(boxes.find(({ type }) => type === 'ipco')?.body ?? new ByteView(new Uint8Array(0)));
  const sizes = new Map<number, { width: number; height: number }>();
  const links = boxes.find(({ type }) => type === 'ipma')?.body;
  if (links === undefined) return sizes;
  const wide = links.u8(0) === 0 ? 2 : 4;
  const long = (links.u8(3) & 1) === 1;
  let at = 8;
  for (let left = Math.min(links.u32be(4), MAX_ITEMS); left > 0; left--) {
    const item = wide === 2 ? links.u16be(at) : links.u32be(at);
    const count = links.u8(at + wide);
    at += wide + 1;
    if (at > links.length) break;
    for (let i = 0; i < count; i++, at += long ? 2 : 1) {
      const property = properties[(long ? links.u16be(at) & 0x7fff : links.u8(at) & 0x7f) - 1];
      if (property?.type === 'ispe' && property.body.length >= 12) sizes.set(item, { width: property.body.u32be(4), height: property.body.u32be(8) });
    }
  }
  return sizes;
}
