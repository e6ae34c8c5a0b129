import type { Item, WalkEvent, WalkPause } from '../item.ts';
import { makePace, type WalkPace } from '../walk-pace.ts';
import { CarveProblems } from './carve-problems.ts';
import type { CarveOptions } from './carve-ranges.ts';
import { emptyTally, type CarveTally } from './carve-summary.ts';
import { carvedItem } from './carved-item.ts';
import { MAX_CARVED_ITEMS, VAIN_SHARE, VAIN_START_BYTES, type CarvedKind } from './carving-limits.ts';
import type { FreeRun } from './free-runs.ts';
import { PAGE_BYTES, type RunPages } from './run-pages.ts';
import { findSignature, SIGNATURE_BYTES, walkAt } from './signatures.ts';
import { UnreadableLog } from './unreadable-log.ts';

/**
 * Bytes that are searched on the cluster grid before what stands off it is looked at. Half of the pages
 * that are kept, so that the second look reads little again.
 */
const STRETCH_BYTES = 8 * PAGE_BYTES;

/** A long walk pauses after this many of its own steps, of a page or so each. */
const STEPS_PER_PAUSE = 4;

const SECTOR_BYTES = 512;

interface Found {
  readonly start: number;
  readonly end: number;
  readonly kind: CarvedKind;
  readonly item: Item;
}

/** One search over free runs, one after the other. */
export class FreeSpaceSearch {
  readonly tally: CarveTally = emptyTally();
  readonly #pages: RunPages;
  readonly #clusterGrid: CarveOptions['clusterGrid'];
  readonly #totalBytes: number;
  readonly #maxItems: number;
  readonly #pace: WalkPace;
  readonly #problems: CarveProblems;
  readonly #unreadable: UnreadableLog;
  /** Step of the finest grid that is searched, and a place that it stands on. */
  readonly #stepBytes: number;
  readonly #gridOffset: number;
  #items = 0;
  #vainBytes = 0;
  /** Bytes of the runs before, and the start of the current one. */
  #doneBytes = 0;
  #runStart = 0;

  constructor(pages: RunPages, options: CarveOptions, totalBytes: number) {
    this.#pages = pages;
    this.#clusterGrid = options.clusterGrid;
    this.#totalBytes = totalBytes;
    this.#maxItems = options.maxItems ?? MAX_CARVED_ITEMS;
    this.#pace = makePace(totalBytes);
    this.#problems = new CarveProblems(options.volumeId);
    this.#unreadable = new UnreadableLog(this.tally, this.#problems);
    const sector = options.sectorSizeBytes ?? SECTOR_BYTES;
    const cluster = options.clusterGrid?.sizeBytes ?? 0;
    this.#stepBytes = sector > 0 && cluster > 0 ? Math.min(sector, cluster) : sector > 0 ? sector : Math.max(cluster, SECTOR_BYTES);
    this.#gridOffset = options.clusterGrid?.offset ?? 0;
  }

  get isFull(): boolean {
    return this.#items >= this.#maxItems;
  }

  *searchRun(run: FreeRun): Generator<WalkEvent, void, undefined> {
    this.#pages.enter(run);
    this.#runStart = run.start;
    for (let at = this.#onGrid(run.start); at < run.end && !this.isFull; ) at = yield* this.#searchStretch(at, run.end);
    this.#doneBytes += run.end - run.start;
    this.tally.bytesSearched += run.end - run.start;
  }

  *finish(): Generator<WalkEvent, void, undefined> {
    yield* this.#unreadable.finish();
    if (!this.isFull) return;
    const event = this.#problems.tooManyItems(this.#maxItems);
    if (event !== null) yield event;
  }

  /** Searches {@link STRETCH_BYTES} from `from` and yields what was found there in order; returns where to go on. */
  *#searchStretch(from: number, runEnd: number): Generator<WalkEvent, number, undefined> {
    const found: Found[] = [];
    const offGrid: number[] = [];
    const stretchEnd = Math.min(runEnd, from + STRETCH_BYTES);
    let at = from;
    while (at < stretchEnd) {
      const pause = this.#pace.reach(this.#doneBytes + at - this.#runStart);
      if (pause !== null) yield pause;
      yield* this.#unreadable.note(this.#pages.unreadableFrom(at, this.#stepBytes));
      if (!this.#pages.locate(at)) {
        at = this.#onGrid(this.#pages.unreadableTo(at));
        continue;
      }
      const [place, isCandidate] = this.#search(at, stretchEnd);
      at = place;
      if (!isCandidate) continue;
      if (this.#isOnClusterGrid(place)) {
        const file = yield* this.#follow(place);
        if (file !== null) found.push(file);
        at = file === null ? place + this.#stepBytes : this.#onGrid(file.end);
      } else {
        offGrid.push(place);
        at += this.#stepBytes;
      }
    }
    at = Math.max(at, yield* this.#followOffGrid(offGrid, found));
    for (const { kind, item } of found.toSorted((a, b) => a.start - b.start)) {
      this.tally.found[kind] += 1;
      yield { type: 'item', item };
    }
    return this.#onGrid(at);
  }

  /** The next place from `at` on where a file may begin, or how far there is none. `at` has been located. */
  #search(at: number, stretchEnd: number): readonly [place: number, isCandidate: boolean] {
    const { memory } = this.#pages;
    const base = at - this.#pages.at;
    const to = Math.min(this.#pages.to, stretchEnd - base);
    const last = Math.min(to, this.#pages.to - SIGNATURE_BYTES + 1);
    const place = base + (last > this.#pages.at ? findSignature(memory, this.#pages.at, last, this.#stepBytes) : this.#pages.at);
    if (place < base + last) return [place, true];
    // Its first bytes go on in the next page, if anywhere.
    const next = this.#onGrid(place);
    if (next >= base + to) return [next, false];
    const head = this.#pages.piece(next, SIGNATURE_BYTES);
    return head !== null && walkAt(head, 0) !== null ? [next, true] : [next + this.#stepBytes, false];
  }

  /** Follows what begins between clusters, as long as it lies clear of what was found on them. Returns the end of the last of it. */
  *#followOffGrid(offsets: readonly number[], found: Found[]): Generator<WalkEvent, number, undefined> {
    const onGrid = [...found];
    let next = 0;
    let end = 0;
    for (const offset of offsets) {
      while (next < onGrid.length && onGrid[next]!.end <= offset) next += 1;
      if (offset < end) continue;
      const file = yield* this.#follow(offset);
      if (file === null || (next < onGrid.length && file.end > onGrid[next]!.start)) continue;
      found.push(file);
      end = file.end;
    }
    return end;
  }

  /** Walks what begins at a place, if there is anything. */
  *#follow(start: number): Generator<WalkEvent, Found | null, undefined> {
    const head = this.#pages.piece(start, SIGNATURE_BYTES);
    const walk = head === null ? null : walkAt(head, 0);
    if (walk === null || this.isFull) return null;
    const doneBytes = this.#doneBytes + start - this.#runStart;
    if (this.#vainBytes > VAIN_START_BYTES + VAIN_SHARE * doneBytes) {
      yield* told(this.#problems.tooMuchInVain(start));
      return null;
    }
    const [lookedBefore, readBefore] = [this.#pages.lookedAtBytes, this.#pages.readBytes];
    const steps = walk(this.#pages, start);
    let step = steps.next();
    for (let count = 1; step.done !== true; count++) {
      if (count % STEPS_PER_PAUSE === 0) yield this.#pauseAt(doneBytes);
      step = steps.next();
    }
    const { outcome, kind } = step.value;
    if (step.value.outcome === 'whole') {
      this.#items += 1;
      const { end, extension } = step.value;
      return { start, end, kind, item: carvedItem(start, end - start, extension) };
    }
    this.#vainBytes += Math.max(this.#pages.lookedAtBytes - lookedBefore, this.#pages.readBytes - readBefore);
    if (outcome === 'not-it') return null;
    this.tally.incomplete[kind] += 1;
    if (outcome === 'too-long') yield* told(this.#problems.tooLong(kind, start));
    if (outcome === 'too-many-parts') yield* told(this.#problems.tooManyParts(kind, start));
    return null;
  }

  #pauseAt(doneBytes: number): WalkPause {
    return { type: 'pause', doneBytes: Math.min(doneBytes, this.#totalBytes), totalBytes: this.#totalBytes };
  }

  #onGrid(offset: number): number {
    const past = (offset - this.#gridOffset) % this.#stepBytes;
    return past === 0 ? offset : offset + (past < 0 ? -past : this.#stepBytes - past);
  }

  #isOnClusterGrid(offset: number): boolean {
    const grid = this.#clusterGrid;
    return grid === null || (offset - grid.offset) % grid.sizeBytes === 0;
  }
}

function* told(event: WalkEvent | null): Generator<WalkEvent, void, undefined> {
  if (event !== null) yield event;
}
