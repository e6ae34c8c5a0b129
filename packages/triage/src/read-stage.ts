import { KerbsideError, problemFrom, RefusedError, type ByteRange, type Problem } from '@kerbside/bytes';
import { FLAG, STATUS } from './catalogue.ts';
import { leavesOfBatch } from './certificate/item-leaf.ts';
import { packedLength, unpackDigests, type PackedDigest } from './digests.ts';
import { ENTRY, type EntryFailure, type HashJob, type HashResult } from './hash-job.ts';
import { failureProblems } from './failure-problems.ts';
import { makeHits } from './hits.ts';
import type { BatchRecord, ItemProblem, KeyedHit } from './journal.ts';
import { lookUp, type RowMatch } from './known-sets.ts';
import { jobOf, makeJob, type Plan } from './plan.ts';
import { readsDiffer } from './reads-differ.ts';
import { requireMedium } from './require-medium.ts';
import { addHits, addWalkProblem, PROGRESS_INTERVAL_MS, planProgress, tellProgress, type RunContext } from './run-context.ts';

/** Finished batches are made durable together, about this often: one disk flush serves many. */
const COMMIT_INTERVAL_MS = 250;

/** Hits that are no alert (a reference set knows whole systems) are listed one by one for this many entries of a plan, and only counted after. */
const LISTED_OTHER_ENTRIES = 20_000;

/** Batches in flight beyond the threads, so that looking up never starves them. */
const BATCHES_PER_THREAD = 2;

/**
 * Reads a plan to its end, batch by batch, and records each in the journal. Batches that an earlier
 * session recorded are not read again.
 *
 * @param stage number of the plan in the journal
 * @param before what earlier parts of the same stage did, for the progress
 * @returns true when every batch is done
 * @throws RefusedError when the journal cannot be written, or belongs to another plan
 */
export async function readPlan(context: RunContext, stage: number, plan: Plan, before: Done = { items: 0, bytes: 0 }): Promise<boolean> {
  claimPlan(context, stage, plan);
  const done = context.journal.doneBatches(stage);
  const recovered = takeUp(context, plan, done);
  const startBytes = before.bytes + recovered.bytes;
  const endBytes = before.bytes + plan.plannedBytes;
  planProgress(context, before.items + plan.ordinals.length + plan.later.items, endBytes + plan.later.bytes, before.items + recovered.items, startBytes);
  const hashedBefore = context.pool.hashedBytes();
  const tick = setInterval(() => {
    context.progress.bytesDone = Math.min(endBytes, startBytes + context.pool.hashedBytes() - hashedBefore);
    tellProgress(context);
  }, PROGRESS_INTERVAL_MS);
  const recorder = batchRecorder(context);
  const remaining = Array.from({ length: plan.batchCount }, (_, batch) => batch).filter((batch) => !done.has(batch) && isWanted(context, stage, batch));
  let next = 0;
  let failure: unknown = null;
  let whole = true;
  const lane = async (): Promise<void> => {
    while (next < remaining.length && failure === null && !context.signal.aborted) {
      const batch = remaining[next++]!;
      try {
        const record = await readBatch(context, stage, plan, batch);
        if (record === null) whole = false;
        else recorder.add(record);
      } catch (error) {
        failure ??= error;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: context.pool.workers * BATCHES_PER_THREAD }, lane));
  } finally {
    clearInterval(tick);
  }
  if (failure instanceof RefusedError) throw failure;
  recorder.flush();
  if (failure !== null) {
    // The source cannot be read any more (pulled, say): what was read stands, and the rest is unread.
    if (!(failure instanceof KerbsideError)) throw failure;
    addWalkProblem(context, problemFrom(failure));
    return false;
  }
  const isDone = whole && next === remaining.length && done.size + remaining.length === plan.batchCount;
  if (isDone) context.progress.bytesDone = endBytes;
  tellProgress(context, true);
  return isDone;
}

/** Work of a stage already behind us. */
export interface Done {
  readonly items: number;
  readonly bytes: number;
}

/** A replay makes the reads of its run and no others. */
function isWanted({ replay }: RunContext, stage: number, batch: number): boolean {
  return replay === null || replay.planBatches.get(stage)?.has(batch) === true;
}

function claimPlan(context: RunContext, stage: number, plan: Plan): void {
  const name = `plan ${stage}`;
  const known = context.journal.fact(name);
  if (known === null) context.journal.setFact(name, plan.fingerprint);
  else if (known !== plan.fingerprint) {
    throw new RefusedError('source-changed', 'The source or what it lists has changed since this run began. Give --out a new folder to begin again.');
  }
}

/** Marks what earlier sessions did. Failed items are in the journal and marked by the caller. */
function takeUp(context: RunContext, plan: Plan, done: ReadonlySet<number>): { items: number; bytes: number } {
  let items = 0;
  let bytes = 0;
  for (const batch of done) {
    if (batch >= plan.batchCount) continue;
    for (let entry = plan.batchStarts[batch]!; entry < plan.batchStarts[batch + 1]!; entry++) {
      const ordinal = plan.ordinals[entry]!;
      markRead(context, ordinal);
      items += 1;
      bytes += context.catalogue.sizeBytes(ordinal);
    }
  }
  for (const { ordinal } of context.journal.itemProblems()) if (ordinal < context.catalogue.length) context.catalogue.setStatus(ordinal, STATUS.problem);
  return { items, bytes };
}

/** A partial item was read as far as it goes, which is not whole: it stays a problem. */
function markRead(context: RunContext, ordinal: number): void {
  const { catalogue } = context;
  if (catalogue.status(ordinal) === STATUS.problem) return;
  catalogue.setStatus(ordinal, (catalogue.flags(ordinal) & FLAG.partial) !== 0 ? STATUS.problem : STATUS.read);
}

interface Match {
  readonly entry: number;
  readonly ordinal: number;
  readonly view: number;
  readonly matches: readonly RowMatch[];
  digests: readonly PackedDigest[];
}

/** Reads, hashes and looks up one batch; null when it was stopped and has to be read again. */
async function readBatch(context: RunContext, stage: number, plan: Plan, batch: number): Promise<BatchRecord | null> {
  const { catalogue } = context;
  const first = plan.batchStarts[batch]!;
  const job = jobOf(catalogue, plan, batch);
  context.progress.reading = catalogue.path(plan.ordinals[first]!);
  const result = await context.pool.run(job);
  if (result.outcomes.includes(ENTRY.stopped)) return null;
  requireMedium(result.failures.flatMap(({ problems }) => problems), context.sourcePath);
  const unlistedHits = new Map<number, number>();
  const found: Match[] = [];
  for (const match of matchesOf(context, plan, first, job, result)) {
    const noAlert = match.matches.every((one) => context.sets[one.setIndex]!.facts.meaning !== 'alert');
    if (noAlert && first + match.entry >= LISTED_OTHER_ENTRIES) {
      for (const { setIndex } of match.matches) unlistedHits.set(setIndex, (unlistedHits.get(setIndex) ?? 0) + 1);
    } else found.push(match);
  }
  const isWhole = (entry: number): boolean => (catalogue.flags(plan.ordinals[first + entry]!) & FLAG.partial) === 0;
  const manifest = context.manifest?.recordsOf(job, result, isWhole) ?? null;
  const again = await completeDigests(context, job, found);
  if (again === null) return null;
  const hits: KeyedHit[] = found.flatMap((match) => makeHits(catalogue, match.ordinal, match.view, context.sets, match.matches, match.digests));
  const problems: ItemProblem[] = [];
  const unreadable: ByteRange[] = [];
  for (const failure of [...result.failures, ...again]) {
    const ordinal = plan.ordinals[first + failure.entry]!;
    problems.push(...failureProblems(catalogue.path(ordinal), failure).map((problem) => ({ ordinal, problem })));
    unreadable.push(...failure.unreadable);
    catalogue.setStatus(ordinal, STATUS.problem);
  }
  for (let entry = first; entry < plan.batchStarts[batch + 1]!; entry++) markRead(context, plan.ordinals[entry]!);
  for (const { problem } of problems) context.emit({ type: 'problem', problem });
  context.progress.itemProblems += problems.length;
  context.progress.itemsDone += job.sizes.length;
  addHits(context, hits);
  return { stage, number: batch, hits, problems, unreadable, unlistedHits, leaves: leavesOfBatch(job, result), manifest };
}

function* matchesOf(context: RunContext, plan: Plan, first: number, job: HashJob, result: HashResult): Generator<Match> {
  let at = 0;
  for (let entry = 0; entry < job.sizes.length; entry++) {
    const mask = job.masks[entry]!;
    if (result.outcomes[entry] === ENTRY.hashed) {
      const digests = unpackDigests(result.digests, at, mask);
      const matches = lookUp(context.sets, digests);
      if (matches.length > 0) yield { entry, ordinal: plan.ordinals[first + entry]!, view: job.views[entry]!, matches, digests };
    }
    at += packedLength(mask);
  }
}

/**
 * Reads hits once more for all digests, so that each is confirmed by everything its row states.
 * Hits of ignorable sets alone are not worth a second read. Where it gives another content than the first,
 * the hit stands on the first alone, and that is told.
 * @returns failures of that read, by entry of the batch; null when it was stopped
 */
async function completeDigests(context: RunContext, job: HashJob, found: readonly Match[]): Promise<EntryFailure[] | null> {
  const { fullMask } = context.questions;
  const wanted = found.filter((match) => job.masks[match.entry] !== fullMask && match.matches.some((one) => context.sets[one.setIndex]!.facts.meaning !== 'ignorable'));
  if (wanted.length === 0) return [];
  const ordinals = wanted.map((match) => match.ordinal);
  const views = Uint8Array.from(wanted, (match) => match.view);
  const masks = new Uint8Array(wanted.length).fill(fullMask);
  const result = await context.pool.run({ ...makeJob(context.catalogue, job.id, ordinals, views, masks), id: -1 - job.id }, true);
  if (result.outcomes.includes(ENTRY.stopped)) return null;
  requireMedium(result.failures.flatMap(({ problems }) => problems), context.sourcePath);
  const failures = result.failures.map((failure) => ({ ...failure, entry: wanted[failure.entry]!.entry }));
  for (const [index, match] of wanted.entries()) {
    if (result.outcomes[index] !== ENTRY.hashed) continue;
    const digests = unpackDigests(result.digests, index * packedLength(fullMask), fullMask);
    if (!contradicts(match.digests, digests)) match.digests = digests;
    else failures.push({ entry: match.entry, problems: [contentDiffers(context, match.ordinal)], unreadable: [] });
  }
  return failures;
}

/** True when both have a digest of one kind, and not the same. */
function contradicts(first: readonly PackedDigest[], second: readonly PackedDigest[]): boolean {
  return first.some(({ algorithm, bytes }) => {
    const same = second.filter((digest) => digest.algorithm === algorithm);
    return same.length > 0 && same.every((digest) => Buffer.compare(digest.bytes, bytes) !== 0);
  });
}

function contentDiffers({ catalogue }: RunContext, ordinal: number): Problem {
  const offset = catalogue.firstOffset(ordinal);
  return readsDiffer('the item was read twice and did not hold the same bytes; its hit stands on the first read', offset < 0 ? {} : { offset });
}

/** Gathers finished batches and writes them to the journal together. */
function batchRecorder(context: RunContext): { add(record: BatchRecord): void; flush(): void } {
  let waiting: BatchRecord[] = [];
  let lastMs = performance.now();
  const flush = (): void => {
    if (waiting.length === 0) return;
    const records = waiting;
    waiting = [];
    lastMs = performance.now();
    for (const record of records) {
      for (const [setIndex, count] of record.unlistedHits) context.unlistedHits.set(setIndex, (context.unlistedHits.get(setIndex) ?? 0) + count);
    }
    context.journal.commit(records, { elapsedMs: String(Math.round(context.elapsedMs())), firstHitMs: JSON.stringify(context.firstHitMs) });
  };
  return {
    add(record) {
      waiting.push(record);
      if (performance.now() - lastMs >= COMMIT_INTERVAL_MS || record.number === 0) flush();
    },
    flush,
  };
}
