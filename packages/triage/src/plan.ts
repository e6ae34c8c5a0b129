import { createHash } from 'node:crypto';
import { problemFrom, LimitError, MalformedError, type Problem } from '@kerbside/bytes';
import { FLAG, FORM, STATUS, type Catalogue } from './catalogue.ts';
import { VIEW_AS_SHOWN, VIEW_RAW } from './extent-code.ts';
import { bytesColumn, wordsColumn, type GrowingColumn } from './growing-columns.ts';
import type { HashJob } from './hash-job.ts';
import type { SetQuestions } from './known-sets.ts';
import { BAND, FIRST_PART_BANDS, priorityRule } from './priority.ts';

/**
 * A batch is a quarter of all before it, within these bounds: the first answers come early, with
 * little read beside them by the other threads, and the rest comes cheaply.
 */
const FIRST_BATCH_BYTES = 256 * 1024;
const BATCH_SHARE = 1 / 4;
const LARGEST_BATCH_BYTES = 64 * 1024 * 1024;
const MAX_BATCH_ITEMS = 2048;

/** Extent pairs of one batch, so that a fragmented one stays small on its way to a thread; one item may pass it alone. */
const MAX_BATCH_PAIRS = 65_536;

/** Zeros of one sparse item that are still hashed: a minute's work. Beyond it the item is a problem, unless gated. */
export const MAX_HOLE_BYTES_PER_ITEM = 64 * 1024 ** 3;

/** Live items may share clusters, but not without end: a crafted image could name the whole disk a million times. */
const LIVE_BYTES_PER_SOURCE_BYTE = 4;

/** Deleted and orphan items are never more bytes than the source holds (one tool found 140 TB of orphans on one disk). */
const RECOVERED_BYTES_PER_SOURCE_BYTE = 1;

/** What will be read, in order and in batches. The same catalogue and sets give the same plan, to the byte. */
export interface Plan {
  /** Item of each entry; an item with two views has two entries, one after the other. */
  readonly ordinals: Uint32Array;
  readonly views: Uint8Array;
  readonly masks: Uint8Array;
  /** First entry of each batch, and after the last batch the number of entries. */
  readonly batchStarts: Uint32Array;
  readonly batchCount: number;
  /** Content bytes to hash. */
  readonly plannedBytes: number;
  /** What a first part leaves for the second. */
  readonly later: { readonly items: number; readonly bytes: number };
  readonly problems: readonly PlannedProblem[];
  /** Names this plan in the journal. */
  readonly fingerprint: string;
}

export interface PlannedProblem {
  readonly ordinal: number;
  readonly problem: Problem;
}

/** Which part of the items a plan is for. */
export interface PlanPart {
  /** `first`: live items that are likely by name, or of a known size. `rest`: all that is pending. */
  readonly part: 'first' | 'rest';
  /** Items that hold media under another name (sniff-media.ts). */
  readonly mediaByContent?: ReadonlySet<number>;
  /** Only these are read; the others stay pending, but for those of a length that no set holds. */
  readonly only?: ReadonlySet<number>;
}

/**
 * Decides for each pending item from `from` on: read, gated, or a problem; and in which order.
 * Sets the status of what will not be read.
 *
 * @param part the first part takes only live items that are likely by name and leaves the others pending
 */
export function makePlan(catalogue: Catalogue, from: number, questions: SetQuestions, sourceBytes: number, part: PlanPart = { part: 'rest' }): Plan {
  const problems: PlannedProblem[] = [];
  const wanted = wordsColumn();
  const masks = bytesColumn();
  const bands = bytesColumn();
  const rule = priorityRule(catalogue, from, part.mediaByContent);
  const later = { items: 0, bytes: 0 };
  const budget = byteBudget(sourceBytes);
  for (let ordinal = from; ordinal < catalogue.length; ordinal++) {
    if (catalogue.status(ordinal) !== STATUS.pending) continue;
    const size = catalogue.sizeBytes(ordinal);
    const mask = questions.maskForSize(size);
    if (mask !== 0 && part.only?.has(ordinal) === false) continue;
    const band = mask === 0 ? 0 : rule.bandOf(ordinal, questions.hasKnownSize(size)) + (catalogue.state(ordinal) === 'allocated' ? 0 : BAND.count);
    if (part.part === 'first' && band >= FIRST_PART_BANDS) {
      later.items += 1;
      later.bytes += size;
      continue;
    }
    const problem = unreadable(catalogue, ordinal) ?? (mask === 0 ? null : tooMuch(catalogue, ordinal, budget));
    if (problem !== null) {
      catalogue.setStatus(ordinal, STATUS.problem);
      // A reader that marks an item partial has said why itself.
      if ((catalogue.flags(ordinal) & FLAG.partial) === 0 || problem.kind === 'limit') problems.push({ ordinal, problem });
    } else if (mask === 0) {
      catalogue.setStatus(ordinal, STATUS.gated);
    } else {
      wanted.push(ordinal);
      masks.push(mask);
      bands.push(band);
    }
  }
  return { ...arrange(catalogue, wanted, masks, bands), later, problems };
}

/** Copies one batch out for a reading thread. */
export function jobOf(catalogue: Catalogue, plan: Plan, batch: number): HashJob {
  const entries = { start: plan.batchStarts[batch]!, end: plan.batchStarts[batch + 1]! };
  return makeJob(catalogue, batch, plan.ordinals.subarray(entries.start, entries.end), plan.views.slice(entries.start, entries.end), plan.masks.slice(entries.start, entries.end));
}

/** A job over any items of the catalogue. */
export function makeJob(catalogue: Catalogue, id: number, ordinals: ArrayLike<number>, views: Uint8Array, masks: Uint8Array): HashJob {
  const count = ordinals.length;
  const sizes = new Float64Array(count);
  const extentStarts = new Uint32Array(count + 1);
  let hasHostFiles = false;
  for (let entry = 0; entry < count; entry++) {
    const ordinal = ordinals[entry]!;
    sizes[entry] = catalogue.sizeBytes(ordinal);
    hasHostFiles ||= catalogue.form(ordinal) === FORM.hostFile;
    extentStarts[entry + 1] = extentStarts[entry]! + catalogue.extentEnd(ordinal) - catalogue.extentStart(ordinal);
  }
  const pairs = new Float64Array(extentStarts[count]! * 2);
  for (let entry = 0; entry < count; entry++) {
    const ordinal = ordinals[entry]!;
    pairs.set(catalogue.pairs.subarray(catalogue.extentStart(ordinal) * 2, catalogue.extentEnd(ordinal) * 2), extentStarts[entry]! * 2);
  }
  const hostPaths = hasHostFiles ? Array.from(ordinals, (ordinal) => catalogue.hostPath(ordinal)) : null;
  return { id, masks, views, sizes, extentStarts, pairs, hostPaths };
}

function arrange(catalogue: Catalogue, wanted: GrowingColumn<Uint32Array>, masks: GrowingColumn<Uint8Array>, bands: GrowingColumn<Uint8Array>): Omit<Plan, 'problems' | 'later'> {
  const offsets = Float64Array.from({ length: wanted.length }, (_, index) => catalogue.firstOffset(wanted.at(index)));
  const order = Uint32Array.from({ length: wanted.length }, (_, index) => index).sort((a, b) => bands.at(a) - bands.at(b) || offsets[a]! - offsets[b]! || a - b);
  const entries = wordsColumn();
  const views = bytesColumn();
  const entryMasks = bytesColumn();
  const starts = wordsColumn();
  let batchStart = 0;
  let target = FIRST_BATCH_BYTES;
  let batchBytes = 0;
  let batchPairs = 0;
  let plannedBytes = 0;
  starts.push(0);
  for (const index of order) {
    const ordinal = wanted.at(index);
    const size = catalogue.sizeBytes(ordinal);
    const pairs = catalogue.extentEnd(ordinal) - catalogue.extentStart(ordinal);
    const inBatch = entries.length - batchStart;
    if (inBatch > 0 && (batchBytes + size > target || inBatch >= MAX_BATCH_ITEMS || batchPairs + pairs > MAX_BATCH_PAIRS)) {
      batchStart = entries.length;
      starts.push(batchStart);
      batchBytes = 0;
      batchPairs = 0;
      target = Math.max(FIRST_BATCH_BYTES, Math.min(LARGEST_BATCH_BYTES, plannedBytes * BATCH_SHARE));
    }
    const twoViews = (catalogue.flags(ordinal) & FLAG.uninitialised) !== 0;
    for (const view of twoViews ? [VIEW_AS_SHOWN, VIEW_RAW] : [VIEW_AS_SHOWN]) {
      entries.push(ordinal);
      views.push(view);
      entryMasks.push(masks.at(index));
      plannedBytes += size;
      batchBytes += size;
      batchPairs += pairs;
    }
  }
  if (entries.length > 0) starts.push(entries.length);
  const plan = { ordinals: filled(entries), views: filled(views), masks: filled(entryMasks), batchStarts: filled(starts) };
  return { ...plan, batchCount: starts.length - 1, plannedBytes, fingerprint: fingerprint(catalogue, Object.values(plan)) };
}

/** The filled part of a column, without the room to grow. */
function filled<A extends Uint8Array | Uint32Array>(column: GrowingColumn<A>): A {
  return column.values.slice(0, column.length) as A;
}

function fingerprint(catalogue: Catalogue, columns: readonly (Uint8Array | Uint32Array)[]): string {
  const digest = createHash('sha256').update(catalogue.fingerprint());
  for (const column of columns) digest.update(Buffer.from(column.buffer, column.byteOffset, column.byteLength));
  return digest.digest('hex');
}

/** Why an item cannot be read at all, from what the walk said of it. */
function unreadable(catalogue: Catalogue, ordinal: number): Problem | null {
  const form = catalogue.form(ordinal);
  if (form === FORM.none) {
    return problemFrom(new MalformedError('item-content-unknown', `${catalogue.sizeBytes(ordinal)} bytes are said to be there and nothing says where`));
  }
  if (form === FORM.extents && (catalogue.flags(ordinal) & FLAG.badExtents) !== 0) {
    return problemFrom(new MalformedError('item-extents-unusable', 'the places of the content do not make up its size'));
  }
  return null;
}

interface ByteBudget {
  readonly live: number;
  readonly recovered: number;
  liveBytes: number;
  recoveredBytes: number;
}

function byteBudget(sourceBytes: number): ByteBudget {
  return {
    live: sourceBytes * LIVE_BYTES_PER_SOURCE_BYTE,
    recovered: sourceBytes * RECOVERED_BYTES_PER_SOURCE_BYTE,
    liveBytes: 0,
    recoveredBytes: 0,
  };
}

/** Why reading the item would pass a limit. */
function tooMuch(catalogue: Catalogue, ordinal: number, budget: ByteBudget): Problem | null {
  if (catalogue.form(ordinal) !== FORM.extents) return null;
  const stored = catalogue.storedBytes(ordinal);
  const holeBytes = catalogue.sizeBytes(ordinal) - stored;
  if (holeBytes > MAX_HOLE_BYTES_PER_ITEM) {
    return problemFrom(new LimitError('item-too-sparse', `${holeBytes} bytes of zeros that are not stored, over the limit of ${MAX_HOLE_BYTES_PER_ITEM}`));
  }
  if (catalogue.state(ordinal) === 'allocated') {
    budget.liveBytes += stored;
    return budget.liveBytes <= budget.live ? null : problemFrom(new LimitError('live-bytes-limit', `live items together name more than ${LIVE_BYTES_PER_SOURCE_BYTE} times the bytes of the source`));
  }
  budget.recoveredBytes += stored;
  return budget.recoveredBytes <= budget.recovered ? null : problemFrom(new LimitError('recovered-bytes-limit', 'deleted items together name more bytes than the source holds'));
}
