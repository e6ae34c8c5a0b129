/** Clusters a page of the set covers. */
const PAGE_CLUSTERS = 32768;
const PAGE_WORDS = PAGE_CLUSTERS / 32;

/** Pages held in part, 64 MiB in all. A page whose clusters are all in the set costs nothing. */
const MAX_PARTIAL_PAGES = 16384;

interface PartialPage {
  readonly words: Uint32Array;
  count: number;
}

/**
 * A set of cluster numbers in bounded memory: pages come into being when touched and collapse when
 * full, which contiguous files soon make them.
 */
export interface ClusterSet {
  has(cluster: number): boolean;
  /** How many clusters of a run are in the set. */
  countRun(first: number, count: number): number;
  /** Adds a run; returns how many of its clusters were there before. */
  addRun(first: number, count: number): number;
  /** True once a run could not be kept for want of memory: `has` may then say no wrongly. */
  readonly overflowed: boolean;
}

export function makeClusterSet(): ClusterSet {
  const pages = new Map<number, PartialPage | 'full'>();
  let partialPages = 0;
  let overflowed = false;

  function pageFor(index: number): PartialPage | 'full' | null {
    const known = pages.get(index);
    if (known !== undefined) return known;
    if (partialPages >= MAX_PARTIAL_PAGES) {
      overflowed = true;
      return null;
    }
    const made = { words: new Uint32Array(PAGE_WORDS), count: 0 };
    pages.set(index, made);
    partialPages++;
    return made;
  }

  function countInPage(index: number, from: number, to: number): number {
    const page = pages.get(index);
    if (page === undefined) return 0;
    if (page === 'full') return to - from;
    if (from === 0 && to === PAGE_CLUSTERS) return page.count;
    let count = 0;
    for (let word = from >>> 5; word <= (to - 1) >>> 5; word++) {
      count += countBits(page.words[word]! & wordMask(word, from, to));
    }
    return count;
  }

  function addToPage(index: number, from: number, to: number): number {
    if (from === 0 && to === PAGE_CLUSTERS && !pages.has(index)) {
      pages.set(index, 'full');
      return 0;
    }
    const page = pageFor(index);
    if (page === null) return 0;
    if (page === 'full') return to - from;
    const before = page.count;
    const { words } = page;
    let added = 0;
    for (let word = from >>> 5; word <= (to - 1) >>> 5; word++) {
      const old = words[word]!;
      const missing = wordMask(word, from, to) & ~old;
      if (missing === 0) continue;
      words[word] = old | missing;
      added += countBits(missing);
    }
    page.count = before + added;
    if (page.count === PAGE_CLUSTERS) {
      pages.set(index, 'full');
      partialPages--;
    }
    return to - from - added;
  }

  return {
    get overflowed() {
      return overflowed;
    },
    has(cluster) {
      const page = pages.get(Math.floor(cluster / PAGE_CLUSTERS));
      if (page === undefined) return false;
      if (page === 'full') return true;
      const at = cluster % PAGE_CLUSTERS;
      return (page.words[at >>> 5]! & (1 << (at & 31))) !== 0;
    },
    countRun: (first, count) => sumPages(first, count, countInPage),
    addRun: (first, count) => sumPages(first, count, addToPage),
  };
}

/** Cuts a run at page borders and adds up what `visit` says of each part. */
function sumPages(first: number, count: number, visit: (index: number, from: number, to: number) => number): number {
  let sum = 0;
  for (let at = first; at < first + count; ) {
    const index = Math.floor(at / PAGE_CLUSTERS);
    const pageStart = index * PAGE_CLUSTERS;
    const end = Math.min(first + count, pageStart + PAGE_CLUSTERS);
    sum += visit(index, at - pageStart, end - pageStart);
    at = end;
  }
  return sum;
}

/** The bits of a word that the positions `from` up to `to` of its page cover. */
function wordMask(word: number, from: number, to: number): number {
  const low = Math.max(from - word * 32, 0);
  const high = Math.min(to - word * 32, 32);
  return (high === 32 ? 0xffff_ffff : (1 << high) - 1) & ~((1 << low) - 1);
}

function countBits(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return (((bits + (bits >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24;
}
