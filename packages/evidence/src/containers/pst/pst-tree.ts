import { KerbsideError, MalformedError, readView, type ByteView, type RandomAccessSource } from '@kerbside/bytes';
import { MAX_PST_TREE_DEPTH, type PstLayout } from './pst-format.ts';

/** Pages kept for look-ups; a descent meets the upper ones again and again. */
const MAX_KEPT_PAGES = 256;

interface Page {
  readonly view: ByteView;
  readonly count: number;
  readonly entryBytes: number;
  readonly level: number;
}

/** One of the two trees of a mailbox: keys in order, in pages. */
export class PstTree {
  readonly #source: RandomAccessSource;
  readonly #layout: PstLayout;
  readonly #root: number;
  readonly #kind: number;
  readonly #pages = new Map<number, Page>();

  /** @param kind 0x80 for blocks, 0x81 for nodes */
  constructor(source: RandomAccessSource, layout: PstLayout, root: number, kind: 0x80 | 0x81) {
    this.#source = source;
    this.#layout = layout;
    this.#root = root;
    this.#kind = kind;
  }

  /** The entry with this key, or null. @throws MalformedError `pst-page-damaged`; MediumError */
  find(key: number): ByteView | null {
    let place = this.#root;
    for (let depth = 0; depth < MAX_PST_TREE_DEPTH; depth++) {
      const page = this.#readPage(place);
      const at = lastNotAbove(page, key, (index) => this.#keyAt(page, index));
      if (at < 0) return null;
      const entry = page.view.slice(at * page.entryBytes, page.entryBytes);
      if (page.level === 0) return this.#keyAt(page, at) === key ? entry : null;
      place = this.#childOf(entry);
    }
    throw new MalformedError('pst-page-damaged', `a tree of the mailbox is more than ${MAX_PST_TREE_DEPTH} levels deep`);
  }

  /** Every entry in order of its key; a damaged page is given as its fault, and the walk goes on beside it. */
  *entries(): Iterable<ByteView | KerbsideError> {
    yield* this.#walk(this.#root, 0, new Set());
  }

  *#walk(place: number, depth: number, visited: Set<number>): Iterable<ByteView | KerbsideError> {
    let page: Page;
    try {
      if (depth >= MAX_PST_TREE_DEPTH || visited.has(place)) throw new MalformedError('pst-page-damaged', 'the pages of a tree of the mailbox lead back to themselves');
      visited.add(place);
      page = this.#readPage(place);
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      yield error;
      return;
    }
    for (let i = 0; i < page.count; i++) {
      const entry = page.view.slice(i * page.entryBytes, page.entryBytes);
      if (page.level === 0) yield entry;
      else yield* this.#walk(this.#childOf(entry), depth + 1, visited);
    }
  }

  #keyAt(page: Page, index: number): number {
    // The upper half of a node's key is not used.
    return this.#kind === 0x81 || this.#layout.wide === 4 ? page.view.u32(index * page.entryBytes) : page.view.u64(index * page.entryBytes);
  }

  #childOf(entry: ByteView): number {
    return this.#layout.wide === 8 ? entry.u64(16) : entry.u32(8);
  }

  #readPage(place: number): Page {
    const kept = this.#pages.get(place);
    if (kept !== undefined) return kept;
    const { pageBytes, countAt, trailerAt, isLarge, wide } = this.#layout;
    const view = readView(this.#source, place, pageBytes);
    if (view.u8(trailerAt) !== this.#kind || view.u8(trailerAt + 1) !== this.#kind) throw new MalformedError('pst-page-damaged', 'a page of the mailbox is not of the kind it should be', { offset: view.sourceOffset });
    const count = isLarge ? view.u16(countAt) : view.u8(countAt);
    const [entryBytes, level] = [view.u8(countAt + (isLarge ? 4 : 2)), view.u8(countAt + (isLarge ? 5 : 3))];
    const least = level > 0 ? wide * 3 : this.#kind === 0x81 ? wide * 4 : wide * 3;
    if (entryBytes < least || count * entryBytes > countAt || level >= MAX_PST_TREE_DEPTH) throw new MalformedError('pst-page-damaged', 'a page of the mailbox states entries that it cannot hold', { offset: view.sourceOffset });
    const page = { view, count, entryBytes, level };
    if (this.#pages.size >= MAX_KEPT_PAGES) this.#pages.clear();
    this.#pages.set(place, page);
    return page;
  }
}

/** Place of the last entry whose key is not above the one sought, by halves; -1 when all are above. */
function lastNotAbove(page: Page, key: number, keyAt: (index: number) => number): number {
  let low = 0;
  let high = page.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyAt(middle) <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
