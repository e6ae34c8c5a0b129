import { closeSync, fsyncSync, openSync, ftruncateSync } from 'node:fs';
import type { KeyObject } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeFully } from '@kerbside/bytes';
import { PURPOSE_OF, type SortedFiles } from './file-table.ts';
import type { BlockFiles } from './code-collector.ts';
import { ANCHOR, INDEXED, type BlockMarks } from './block-marks.ts';
import { fileOfBlock } from './file-of-block.ts';
import type { CountedFiles } from './place-anchors.ts';
import type { MergedCodes } from './merge-codes.ts';
import { encodeSigned } from './header.ts';
import {
  ANCHOR_FLAG,
  ANCHOR_RECORD_BYTES,
  BLOCK_SET_VERSION,
  bucketBitsFor,
  FILE_SIZE_BYTES,
  POSITION_MASK,
  PROLOGUE_BYTES,
  RANK_ENTRIES,
  SECTION_ALIGN_BYTES,
  SECTION_ORDER,
  type BlockSetHeader,
  type BlockSetSectionName,
  type SignedFacts,
} from './layout.ts';
import { SectionWriter } from './section-writer.ts';

/**
 * Entries made at once. A short loop that is called often is compiled once, as a whole; a long one
 * falls back to the interpreter each time it ends.
 */
const ENTRIES_AT_ONCE = 2048;
/** Words of a sorted code: both halves, and the number of its block. */
const CODE_WORDS = 3;

/** What goes into the file. */
export interface BlockSetParts {
  /** Path of the unfinished file; the caller renames it when this is done. */
  readonly partial: string;
  readonly codes: MergedCodes;
  readonly files: SortedFiles;
  readonly blockFiles: BlockFiles;
  readonly counted: CountedFiles;
  readonly facts: SignedFacts;
  readonly privateKey: KeyObject;
  readonly onProgress: (share: number) => void;
}

/** Writes sections, header and prologue, and syncs the file. */
export async function writeBlockSet(parts: BlockSetParts): Promise<BlockSetHeader> {
  const { facts, files, counted } = parts;
  const bucketBits = bucketBitsFor(facts.blocks);
  const lengths: Record<BlockSetSectionName, number> = {
    buckets: 4 * (2 ** bucketBits + 1),
    keys: 4 * facts.blocks,
    tails: facts.blocks,
    places: facts.blocks,
    ranks: 4 * Math.ceil(facts.blocks / RANK_ENTRIES),
    anchors: ANCHOR_RECORD_BYTES * counted.anchors,
    'file-codes': 8 * files.count,
    'file-sizes': FILE_SIZE_BYTES * files.count,
    'file-blocks': 4 * files.count,
    'file-kinds': files.count,
  };
  const fd = openSync(parts.partial, 'wx', 0o600);
  try {
    const writers = new Map<BlockSetSectionName, SectionWriter>();
    let end = PROLOGUE_BYTES;
    for (const name of SECTION_ORDER) {
      writers.set(name, new SectionWriter(fd, name, end));
      end += Math.ceil(lengths[name] / SECTION_ALIGN_BYTES) * SECTION_ALIGN_BYTES;
    }
    ftruncateSync(fd, end);
    await writeEntries(parts, bucketBits, (name) => writers.get(name)!);
    writeFiles(parts, (name) => writers.get(name)!);
    const sections = [...writers.values()].map((writer) => writer.finish());
    const header: BlockSetHeader = {
      format: 'kerbside-block-set',
      facts: { ...facts, formatVersion: BLOCK_SET_VERSION },
      bucketBits,
      anchors: counted.anchors,
      filesWith: countKinds(files),
      sections,
    };
    const signed = encodeSigned(header, end, parts.privateKey);
    writeFully(fd, signed.header, end);
    // The rest reaches the disk before the prologue does: until that is there, this is no block set.
    fsyncSync(fd);
    writeFully(fd, signed.prologue, 0);
    fsyncSync(fd);
    return header;
  } finally {
    closeSync(fd);
  }
}

async function writeEntries(parts: BlockSetParts, bucketBits: number, writer: (name: BlockSetSectionName) => SectionWriter): Promise<void> {
  const filler = new EntryFiller(parts, bucketBits);
  const [buckets, keys, tails, places] = [writer('buckets'), writer('keys'), writer('tails'), writer('places')];
  const [ranks, anchors] = [writer('ranks'), writer('anchors')];
  let entries = 0;
  let bucketsBegun = 0;
  let anchorCount = 0;
  const writeSlice = (slice: Uint32Array): void => {
    const filled = filler.fill(slice);
    for (let i = 0; i < filled; i++) {
      for (const bucket = filler.buckets[i]!; bucketsBegun <= bucket; bucketsBegun++) buckets.writeU32(entries + i);
      if ((entries + i) % RANK_ENTRIES === 0) ranks.writeU32(anchorCount);
      anchorCount += filler.places[i]! >>> 7;
    }
    keys.write(new Uint8Array(filler.keys.buffer, 0, filled * 4));
    tails.write(filler.tails.subarray(0, filled));
    places.write(filler.places.subarray(0, filled));
    anchors.write(new Uint8Array(filler.anchors.buffer, 0, filler.anchorWords * 4));
    entries += filled;
  };
  for (const piece of parts.codes.pieces()) {
    for (let at = 0; at < piece.length; at += ENTRIES_AT_ONCE * CODE_WORDS) writeSlice(piece.subarray(at, at + ENTRIES_AT_ONCE * CODE_WORDS));
    parts.onProgress(entries / Math.max(1, parts.facts.blocks));
    await nextTurn();
  }
  for (; bucketsBegun <= 2 ** bucketBits; bucketsBegun++) buckets.writeU32(entries);
}

/** Turns some sorted codes into the columns of the file. */
class EntryFiller {
  readonly buckets = new Uint32Array(ENTRIES_AT_ONCE);
  readonly keys = new Uint32Array(ENTRIES_AT_ONCE);
  readonly tails = new Uint8Array(ENTRIES_AT_ONCE);
  readonly places = new Uint8Array(ENTRIES_AT_ONCE);
  readonly anchors = new Uint32Array(ENTRIES_AT_ONCE * 2);
  anchorWords = 0;

  readonly #marks: BlockMarks;
  readonly #bucketBits: number;
  readonly #blockFiles: BlockFiles;
  readonly #finalNumber: Uint32Array;

  constructor({ codes, blockFiles, files }: BlockSetParts, bucketBits: number) {
    this.#marks = codes.marks;
    this.#bucketBits = bucketBits;
    this.#blockFiles = blockFiles;
    this.#finalNumber = files.finalNumber;
  }

  /** @returns how many entries the codes gave */
  fill(codes: Uint32Array): number {
    const { buckets, keys, tails, places, anchors } = this;
    const [marks, bucketBits] = [this.#marks, this.#bucketBits];
    const bucketShift = 32 - bucketBits;
    const tailShift = 24 - bucketBits;
    let filled = 0;
    let anchorWords = 0;
    for (let i = 0; i < codes.length; i += CODE_WORDS) {
      const block = codes[i + 2]!;
      const mark = marks.of(block);
      if ((mark & INDEXED) === 0) continue;
      const high = codes[i]!;
      const low = codes[i + 1]!;
      buckets[filled] = high >>> bucketShift;
      keys[filled] = (high << bucketBits) | (low >>> bucketShift);
      tails[filled] = low >>> tailShift;
      let place = block & POSITION_MASK;
      if ((mark & ANCHOR) !== 0) {
        const file = fileOfBlock(this.#blockFiles, block);
        anchors[anchorWords++] = this.#finalNumber[this.#blockFiles.files[file]!]!;
        anchors[anchorWords++] = block - this.#blockFiles.firstBlocks[file]!;
        place |= ANCHOR_FLAG;
      }
      places[filled++] = place;
    }
    this.anchorWords = anchorWords;
    return filled;
  }
}

function writeFiles({ files, counted }: BlockSetParts, writer: (name: BlockSetSectionName) => SectionWriter): void {
  const [codes, sizes, blocks, kinds] = [writer('file-codes'), writer('file-sizes'), writer('file-blocks'), writer('file-kinds')];
  for (let i = 0; i < files.count; i++) {
    const file = files.order[i]!;
    writeBigEndian(codes, files.high[file]!);
    writeBigEndian(codes, files.low[file]!);
    const size = files.sizes[file]!;
    for (let byte = 0, rest = size; byte < FILE_SIZE_BYTES; byte++, rest = Math.floor(rest / 256)) sizes.writeU8(rest % 256);
    blocks.writeU32(counted.indexedBlocks[i]!);
    kinds.writeU8(files.purposes[file]!);
  }
}

function writeBigEndian(writer: SectionWriter, value: number): void {
  for (let shift = 24; shift >= 0; shift -= 8) writer.writeU8((value >>> shift) & 0xff);
}

function countKinds(files: SortedFiles): BlockSetHeader['filesWith'] {
  const counts = { md5: 0, sha1: 0, sha256: 0 };
  for (const file of files.order) {
    for (const kind of ['md5', 'sha1', 'sha256'] as const) if (files.purposes[file] === PURPOSE_OF[kind]) counts[kind]++;
  }
  return counts;
}
