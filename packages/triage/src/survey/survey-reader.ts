import { hash } from 'node:crypto';
import { createLaneHasher, type ByteRange, type Problem } from '@kerbside/bytes';
import { attachBlockSet, BLOCK_SET_BLOCK_BYTES, type BlockLookup } from '@kerbside/match';
import { TREE_HASH_BYTES } from '@kerbside/ledger';
import { leafOfRead } from '../certificate/read-leaf.ts';
import type { ReadableSource } from '../hash-items.ts';
import { readsDiffer } from '../reads-differ.ts';
import { findGone } from '../require-medium.ts';
import { classifyContent } from './classify-content.ts';
import { MAX_SURVEY_READ_BYTES } from './survey-plan.ts';
import { exploreAround } from './explore-run.ts';
import { createExploredRuns, type ExploredRuns } from './explored-runs.ts';
import { alignToPhase, segmentAt, segmentEnd } from './grid-map.ts';
import { createManifestSampler, type ManifestSampler } from './manifest-sampler.ts';
import { splitIntoRuns, type BlockMatch } from './split-runs.ts';
import { findStoredMembers, MEMBER_LOOK_BYTES, type StoredMember } from './stored-members.ts';
import { NOT_CLASSED, type FoundRun, type SurveyJob, type SurveyResult, type SurveySetup } from './survey-job.ts';
import { CONTENT_CLASSES } from './thermometer-facts.ts';

const BLOCK_BYTES = BLOCK_SET_BLOCK_BYTES;

/** Bytes of a read that are classed: enough to tell a picture's inside from random bytes. */
const CLASSED_BYTES = 16 * 1024;

/** Looked up for the stored members that begin in one read: they overlap in crafted data alone. */
const MEMBER_BYTES_PER_READ = 4 * 1024 * 1024;

const ZEROS = Buffer.alloc(MAX_SURVEY_READ_BYTES);

/** Carries out batches of the survey in one thread. */
export interface SurveyReader {
  read(job: SurveyJob, isStopped: () => boolean): SurveyResult;
}

/** A set in this thread, and what was explored for it. */
interface SetInHand {
  readonly index: number;
  readonly lookup: BlockLookup;
  readonly explored: ExploredRuns;
}

/** What a batch gathers. */
interface Gathered {
  readonly runs: FoundRun[];
  readonly unread: { read: number; ranges: readonly ByteRange[] }[];
  /** What reading around hits could not read. Which read led there is chance, so it belongs to none. */
  readonly unreadBeside: ByteRange[];
  readonly problems: Problem[];
}

/**
 * @param source opened by this thread for itself
 */
export function createSurveyReader(source: ReadableSource, setup: SurveySetup): SurveyReader {
  const hasher = createLaneHasher(MAX_SURVEY_READ_BYTES);
  const sets = setup.sets.map((shared, index): SetInHand => ({ index, lookup: attachBlockSet(shared), explored: createExploredRuns() }));
  const most = MAX_SURVEY_READ_BYTES / BLOCK_BYTES;
  const numbers = new Uint32Array(most);
  const entries = new Uint32Array(most);

  /** Known blocks among those that the last `md5Blocks` hashed. */
  const lookUp = (lookup: BlockLookup, count: number, firstOffset: number, matches: BlockMatch[]): void => {
    const found = lookup.find(hasher.codesOfBlocks(lookup.codeKey, count), count, numbers, entries);
    for (let i = 0; i < found; i++) matches.push({ offset: firstOffset + numbers[i]! * BLOCK_BYTES, entry: entries[i]! });
  };

  /** Reads and hashes blocks beside the batch's own reads. @returns how many */
  const hashBeside = (from: number, end: number, gathered: Gathered): number => {
    gathered.unreadBeside.push(...source.readInto(hasher.input.subarray(0, end - from), from));
    const count = Math.floor((end - from) / BLOCK_BYTES);
    if (count > 0) hasher.md5Blocks(0, BLOCK_BYTES, BLOCK_BYTES, count);
    return count;
  };

  /** Reads around a known block. Where the second read does not hold it any more, that is told, and the block still counts as met. */
  const explore = (set: SetInHand, met: BlockMatch, gathered: Gathered, isStopped: () => boolean): void => {
    const wasKnown = set.explored.wasKnown(met.offset);
    if (wasKnown === true) return;
    const findMatches = (from: number, end: number): BlockMatch[] => {
      const matches: BlockMatch[] = [];
      // A stopped batch counts for nothing, so that what is left out here is never told.
      if (!isStopped()) lookUp(set.lookup, hashBeside(from, end, gathered), from, matches);
      return matches;
    };
    const matches = wasKnown === null ? exploreAround(met.offset, { offset: 0, length: source.sizeBytes }, findMatches) : [];
    set.explored.add(matches);
    gathered.runs.push(...splitIntoRuns(set.index, set.lookup, matches));
    if (matches.some(({ offset, entry }) => offset === met.offset && entry === met.entry)) return;
    gathered.runs.push(...splitIntoRuns(set.index, set.lookup, [met]));
    if (gathered.problems.some(({ where }) => where.offset === met.offset)) return;
    gathered.problems.push(readsDiffer('a known block was read here, and was not there when the place was read again', { offset: met.offset, length: BLOCK_BYTES }));
  };

  /** Hashes the blocks of one grid in `input[from, end)` and looks them up in every set. */
  const lookUpGrid = (from: number, end: number, readOffset: number, matches: readonly BlockMatch[][]): void => {
    const count = Math.floor((end - from) / BLOCK_BYTES);
    if (count <= 0) return;
    hasher.md5Blocks(from, BLOCK_BYTES, BLOCK_BYTES, count);
    for (const { index, lookup } of sets) lookUp(lookup, count, readOffset + from, matches[index]!);
  };

  const readOne = (offset: number, length: number, read: number, isSample: boolean, sampler: ManifestSampler, gathered: Gathered, isStopped: () => boolean): { leaf: Buffer; contentClass: number } => {
    const bytes = hasher.input.subarray(0, length);
    const unreadable = [...source.readInto(bytes, offset)];
    if (unreadable.length > 0) gathered.unread.push({ read, ranges: unreadable });
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, length);
    const contentClass = !isSample || unreadable.length > 0 ? NOT_CLASSED : CONTENT_CLASSES.indexOf(classifyContent(bytes.subarray(0, Math.min(length, CLASSED_BYTES))));
    const isEmpty = view.equals(ZEROS.subarray(0, length));
    const { grid } = setup;
    const firstSegment = segmentAt(grid, offset);
    const cut = lowestPhase(grid.masks[firstSegment]!);
    const head = Math.min(length, alignToPhase(offset, cut) - offset);
    const count = Math.floor((length - head) / BLOCK_BYTES);
    const digests = isEmpty ? zeroDigests(count) : hasher.md5Blocks(head, BLOCK_BYTES, BLOCK_BYTES, count);
    const leaf = leafOfRead(offset, length, piecesOf(view, head, count, digests), unreadable);
    if (isEmpty || (sets.length === 0 && !sampler.isWanted)) return { leaf, contentClass };

    sampler.add(hasher, view, head, count);
    const matches: BlockMatch[][] = sets.map(() => []);
    for (const { index, lookup } of sets) lookUp(lookup, count, offset + head, matches[index]!);
    for (let segment = firstSegment; segment < grid.starts.length && grid.starts[segment]! < offset + length; segment++) {
      const from = Math.max(offset, grid.starts[segment]!);
      // A block belongs to the segment in which it begins, also where it goes on into the next.
      const end = Math.min(offset + length, segmentEnd(grid, segment) + BLOCK_BYTES - 1);
      for (let phase = 0; phase < 8; phase++) {
        if (phase !== cut && (grid.masks[segment]! & (1 << phase)) !== 0) lookUpGrid(alignToPhase(from, phase) - offset, end - offset, offset, matches);
      }
    }
    const cutMembers: StoredMember[] = [];
    let budget = MEMBER_BYTES_PER_READ;
    for (const member of findStoredMembers(view)) {
      const place = offset + member.start;
      const isOnGrid = place % 512 === 0 && (grid.masks[segmentAt(grid, place)]! & (1 << ((place % BLOCK_BYTES) / 512))) !== 0;
      if (isOnGrid) continue;
      budget -= Math.max(0, Math.min(length, member.end) - member.start);
      if (budget < 0) {
        gathered.problems.push({ kind: 'limit', code: 'survey-members-limit', message: `members of archives overlap in the ${length} bytes at ${offset} and come to more than ${MEMBER_BYTES_PER_READ} bytes; those past that were not looked up`, where: { offset, length } });
        break;
      }
      lookUpGrid(member.start, Math.min(length, member.end), offset, matches);
      if (member.end > length && length - member.start < MEMBER_LOOK_BYTES) cutMembers.push(member);
    }
    // What reads on beside reads into the same memory, so it comes last. No other read knows where these members' blocks begin.
    for (const { start, end } of cutMembers) {
      const from = offset + start;
      const beginEnd = Math.min(from + MEMBER_LOOK_BYTES, offset + end, source.sizeBytes);
      if (beginEnd - from < BLOCK_BYTES) continue;
      const count = hashBeside(from, beginEnd, gathered);
      for (const { index, lookup } of sets) lookUp(lookup, count, from, matches[index]!);
    }
    for (const set of sets) for (const match of matches[set.index]!) explore(set, match, gathered, isStopped);
    return { leaf, contentClass };
  };

  return {
    read(job, isStopped) {
      const { offsets, lengths } = job.reads;
      const leaves = new Uint8Array(offsets.length * TREE_HASH_BYTES);
      const classes = new Uint8Array(offsets.length).fill(NOT_CLASSED);
      const gathered: Gathered = { runs: [], unread: [], unreadBeside: [], problems: [] };
      const sampler = createManifestSampler(setup.manifestKeys);
      for (let read = 0; read < offsets.length && !isStopped(); read++) {
        const { leaf, contentClass } = readOne(offsets[read]!, lengths[read]!, read, job.isSample, sampler, gathered, isStopped);
        leaves.set(leaf, read * TREE_HASH_BYTES);
        classes[read] = contentClass;
      }
      // Which thread meets a damaged place first is chance, and only that one hears why. The ranges are told; the reasons,
      // which the items that stand there tell too, are not. But a source that is gone is no damaged place.
      const gone = findGone(source.takeProblems?.() ?? []);
      return { id: job.id, whole: !isStopped() && gone === null, gone, leaves, classes, ...gathered, manifestCodes: sampler.codes() };
    },
  };
}

function lowestPhase(mask: number): number {
  return mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
}

const ZERO_BLOCK_MD5 = hash('md5', Buffer.alloc(BLOCK_BYTES), 'buffer');
const ZERO_DIGESTS = Buffer.concat(Array.from({ length: MAX_SURVEY_READ_BYTES / BLOCK_BYTES }, () => ZERO_BLOCK_MD5));

function zeroDigests(count: number): Uint8Array {
  return ZERO_DIGESTS.subarray(0, count * ZERO_BLOCK_MD5.length);
}

/** MD5 of every piece of a read, cut at the grid: a short one before the first block, the blocks, a short one after them. */
function piecesOf(bytes: Buffer, head: number, count: number, digests: Uint8Array): Uint8Array {
  const end = head + count * BLOCK_BYTES;
  if (head === 0 && end === bytes.length) return digests;
  const before = head > 0 ? [hash('md5', bytes.subarray(0, head), 'buffer')] : [];
  const after = end < bytes.length ? [hash('md5', bytes.subarray(end), 'buffer')] : [];
  return Buffer.concat([...before, digests, ...after]);
}

