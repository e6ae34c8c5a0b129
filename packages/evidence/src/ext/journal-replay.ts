/**
 * Replays a journal in memory: which blocks of the volume would change, and where their new bytes
 * stand. Nothing is written. Three passes, as the kernel does it (fs/jbd2/recovery.c): find the last
 * finished transaction, collect revokes, map blocks to their latest copy.
 */
import type { Problem } from '@kerbside/bytes';
import type { BlockOverlay } from './block-reader.ts';
import type { ExtView } from './ext-view.ts';
import { INCOMPAT } from './feature-flags.ts';
import { INODE_FLAG, inodeFlags, inodeSize } from './inode-fields.ts';
import {
  commitAgrees, JOURNAL_BLOCK, JOURNAL_MAGIC, parseJournalSuperblock, readRevokes, readTags, tagAgrees, tailAgrees,
  type JournalSuperblock,
} from './journal-format.ts';
import { mapContent } from './map-content.ts';

/** Largest journal followed: 2^22 blocks are 16 GiB in 4 KiB blocks; mkfs makes 1 GiB at most. */
const MAX_JOURNAL_BLOCKS = 1 << 22;

export interface Replay {
  /** Null when nothing would change. */
  readonly overlay: BlockOverlay | null;
  readonly problems: readonly Problem[];
}

/** Replays the journal of a volume that needs it; `view` must look at the volume as it stands. */
export function replayJournal(view: ExtView): Replay {
  const { superblock } = view;
  if ((superblock.incompatible & INCOMPAT.recover) === 0) return { overlay: null, problems: [] };
  const problems: Problem[] = [];
  const tell: Tell = (fault) => {
    problems.push({ ...fault, where: { volume: view.volume.id } });
  };
  if (superblock.journalInode === 0) {
    tell({ kind: 'unsupported', code: 'ext-journal-external', message: 'the volume needs recovery and its journal is on another device: what the journal holds was not read' });
    return { overlay: null, problems };
  }
  const places = journalBlocks(view);
  const first = Buffer.alloc(superblock.blockSizeBytes);
  const journal = places.length > 0 && view.blocks.has(places[0]!) && view.blocks.read(first, places[0]!).length === 0
    ? parseJournalSuperblock(first, places.length)
    : null;
  if (journal === null) {
    tell({ kind: 'malformed', code: 'ext-journal-damaged', message: 'the volume needs recovery and its journal cannot be read: the latest changes are missing' });
    return { overlay: null, problems };
  }
  if (journal.unknownFeatures !== 0) {
    tell({ kind: 'unsupported', code: 'ext-journal-unsupported', message: `the volume needs recovery and its journal has unknown features 0x${journal.unknownFeatures.toString(16)}: it was not replayed` });
    return { overlay: null, problems };
  }
  if (journal.fastCommit && hasFastCommits(view, places, journal)) {
    tell({ kind: 'unsupported', code: 'ext-fast-commit', message: 'the journal holds fast commits, which are not replayed: the very latest changes may be missing' });
  }
  if (journal.startBlock === 0) return { overlay: null, problems };
  return { overlay: mapLog(view, places, journal, tell), problems };
}

/** Physical block of each block of the journal; holes are -1. From the inode's copy in the superblock where the inode is lost. */
function journalBlocks(view: ExtView): Float64Array {
  const { superblock, blocks } = view;
  const mapped = view.inodes.seek(superblock.journalInode) ? blocksOf(view, view.inodes.bytes, view.inodes.at) : new Float64Array(0);
  if (mapped.length > 0 && startsJournal(view, mapped[0]!)) return mapped;
  const copy = Buffer.alloc(256);
  superblock.journalBackup.copy(copy, 0x28, 0, 60);
  copy.writeUInt16LE(0x8180, 0);
  copy.writeUInt32LE(superblock.journalBackup.readUInt32LE(64), 4);
  // the copy has no flags: the magic of an extent tree tells which map it is
  copy.writeUInt32LE(copy.readUInt16LE(0x28) === 0xf30a ? INODE_FLAG.extents : 0, 0x20);
  const fromCopy = blocksOf(view, copy, 0);
  return fromCopy.length > 0 && blocks.has(fromCopy[0]!) ? fromCopy : mapped;
}

function startsJournal(view: ExtView, block: number): boolean {
  const bytes = Buffer.alloc(view.superblock.blockSizeBytes);
  return view.blocks.has(block) && view.blocks.read(bytes, block).length === 0 && bytes.readUInt32BE(0) === JOURNAL_MAGIC;
}

function blocksOf(view: ExtView, table: Buffer, at: number): Float64Array {
  const { blockSizeBytes, source } = view.blocks;
  if ((inodeFlags(table, at) & INODE_FLAG.inlineData) !== 0) return new Float64Array(0);
  const most = Math.min(MAX_JOURNAL_BLOCKS, view.blocks.blockCount);
  const count = Math.min(most, Math.floor(inodeSize(table, at, view.superblock) / blockSizeBytes));
  const places = new Float64Array(count).fill(-1);
  let logical = 0;
  for (const extent of mapContent(table, at, count * blockSizeBytes, view.mapping).extents) {
    const blocks = Math.ceil(extent.length / blockSizeBytes);
    const first = (extent.sourceOffset - source.originOffset) / blockSizeBytes;
    if (extent.kind === 'data') for (let i = 0; i < blocks; i++) places[logical + i] = first + i;
    logical += blocks;
  }
  return places;
}

/** A fast commit area in use opens with a head tag (0x000A) of the coming transaction. */
function hasFastCommits(view: ExtView, places: Float64Array, journal: JournalSuperblock): boolean {
  const place = places[journal.endBlock];
  const bytes = Buffer.alloc(view.superblock.blockSizeBytes);
  if (place === undefined || !view.blocks.has(place) || view.blocks.read(bytes, place).length > 0) return true;
  return bytes.readUInt16LE(0) === 0x0a;
}

type Tell = (fault: Omit<Problem, 'where'>) => void;

/** The log as a ring: reads the block at a position and steps past it. */
interface LogCursor {
  position: number;
  sequence: number;
  stepsLeft: number;
}

function mapLog(view: ExtView, places: Float64Array, journal: JournalSuperblock, tell: Tell): BlockOverlay | null {
  const endSequence = scanLog(view, places, journal, null, tell);
  const transactions = (endSequence - journal.startSequence) >>> 0;
  if (transactions === 0) return null;
  const collected: CollectedLog = { revokes: new Map(), copies: new Map(), transactions, damagedCopies: 0 };
  scanLog(view, places, journal, { collected, pass: 'revokes' }, tell);
  scanLog(view, places, journal, { collected, pass: 'copies' }, tell);
  if (collected.damagedCopies > 0) {
    tell({ kind: 'malformed', code: 'ext-journal-checksum', message: `${collected.damagedCopies} blocks in the journal fail their checksum and were not replayed` });
  }
  const homes = Float64Array.from(collected.copies.keys()).sort();
  return {
    blocks: homes,
    journalBlocks: homes.map((home) => collected.copies.get(home)!.place),
    escaped: Uint8Array.from(homes, (home) => (collected.copies.get(home)!.escaped ? 1 : 0)),
  };
}

interface CollectedLog {
  /** Latest transaction, counted from the first, that revoked a block. */
  readonly revokes: Map<number, number>;
  readonly copies: Map<number, { readonly place: number; readonly escaped: boolean }>;
  readonly transactions: number;
  damagedCopies: number;
}

/** Runs through the log; without `collect` only to find where it ends. Returns the sequence after the last finished transaction. */
function scanLog(
  view: ExtView, places: Float64Array, journal: JournalSuperblock,
  collect: { readonly collected: CollectedLog; readonly pass: 'revokes' | 'copies' } | null, tell: Tell,
): number {
  const block = Buffer.alloc(view.superblock.blockSizeBytes);
  const cursor: LogCursor = { position: journal.startBlock, sequence: journal.startSequence, stepsLeft: journal.endBlock };
  const readNext = (target: Buffer): number | null => {
    if (cursor.stepsLeft <= 0) return null;
    cursor.stepsLeft -= 1;
    const place = places[cursor.position]!;
    cursor.position += 1;
    if (cursor.position >= journal.endBlock) cursor.position = journal.firstBlock;
    return place >= 0 && view.blocks.has(place) && view.blocks.read(target, place).length === 0 ? place : null;
  };
  for (;;) {
    const order = (cursor.sequence - journal.startSequence) >>> 0;
    if (collect !== null && order >= collect.collected.transactions) return cursor.sequence;
    if (readNext(block) === null) return cursor.sequence;
    if (block.readUInt32BE(0) !== JOURNAL_MAGIC || block.readUInt32BE(8) !== cursor.sequence) return cursor.sequence;
    switch (block.readUInt32BE(4)) {
      case JOURNAL_BLOCK.descriptor:
        if (!tailAgrees(journal, block)) {
          if (collect === null) tell({ kind: 'malformed', code: 'ext-journal-checksum', message: 'a transaction in the journal fails its checksum; it and what follows were not replayed' });
          return cursor.sequence;
        }
        takeCopies(block, journal, cursor.sequence, order, collect, readNext);
        break;
      case JOURNAL_BLOCK.commit:
        if (!commitAgrees(journal, block)) return cursor.sequence;
        cursor.sequence = (cursor.sequence + 1) >>> 0;
        break;
      case JOURNAL_BLOCK.revoke:
        if (collect?.pass === 'revokes' && tailAgrees(journal, block)) {
          for (const revoked of readRevokes(block, journal)) collect.collected.revokes.set(revoked, order);
        }
        break;
      default:
        return cursor.sequence;
    }
  }
}

/** Steps over the copies that follow a descriptor; in the last pass maps those that count. */
function takeCopies(
  descriptor: Buffer, journal: JournalSuperblock, sequence: number, order: number,
  collect: { readonly collected: CollectedLog; readonly pass: 'revokes' | 'copies' } | null, readNext: (target: Buffer) => number | null,
): void {
  const copy = Buffer.alloc(descriptor.length);
  for (const tag of readTags(descriptor, journal)) {
    const place = readNext(copy);
    if (collect?.pass !== 'copies') continue;
    const revokedAt = collect.collected.revokes.get(tag.block);
    if (revokedAt !== undefined && revokedAt >= order) continue;
    if (place === null || !tagAgrees(journal, tag, sequence, copy)) {
      collect.collected.damagedCopies += 1;
      continue;
    }
    collect.collected.copies.set(tag.block, { place, escaped: tag.escaped });
  }
}
