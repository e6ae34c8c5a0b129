import { endianness } from 'node:os';
import { RefusedError } from '@kerbside/bytes';
import type { BlockSet, SetKey, SharedBlockSet } from './block-set.ts';
import { checkSectionPlaces, openBlockSetFile } from './block-set-file.ts';
import { blockSetAltered, checkDates, checkSigner } from './header.ts';
import { ANCHOR_RECORD_BYTES, bucketBitsFor, FILE_SIZE_BYTES, RANK_ENTRIES, type BlockSetHeader, type BlockSetSectionName } from './layout.ts';
import { attachWholeFiles, filesWithoutBlocks } from './whole-files.ts';

/** Longest bucket that is believed: so many entries, and so many times the average. Of codes none comes near either. */
const LONGEST_BUCKET_START = 128;
const LONGEST_BUCKET_SHARE = 4;

/**
 * Opens a block set: checks who signed it, that it may be used now, and every byte of it, and loads it
 * into memory that threads can share. Nothing of the file is read after that.
 *
 * @param keys of all owners whose sets are accepted
 * @throws RefusedError `block-set-not-found`, `block-set-not-readable`, `block-set-not-one`,
 *   `block-set-version-unknown`, `block-set-truncated`, `block-set-signer-unknown`,
 *   `block-set-signature-wrong`, `block-set-key-wrong`, `block-set-owner-wrong`, `block-set-not-yet-valid`, `block-set-expired`,
 *   `block-set-reordered`, `block-set-altered`
 */
export function openBlockSet(path: string, keys: readonly SetKey[], now: Date): BlockSet {
  if (endianness() !== 'LE') {
    throw new RefusedError('set-machine-unsupported', 'block sets are read on little-endian machines only (x86-64, arm64)');
  }
  const file = openBlockSetFile(path);
  try {
    const { unchecked } = file;
    const key = checkSigner(unchecked, keys);
    const { header, facts } = unchecked;
    checkDates(facts, now);
    checkSectionPlaces(header, unchecked.headerOffset, path);
    checkLengths(header, path);
    const sections: Record<string, SharedArrayBuffer> = { 'bucket-bits': sharedByte(header.bucketBits) };
    for (const section of header.sections) sections[section.name] = file.readSection(section);
    checkBuckets(new Uint32Array(sections['buckets']!, 0, 2 ** header.bucketBits + 1), facts.blocks, path);
    const shared: SharedBlockSet = { facts, codeKey: Uint8Array.from(key.codeKey), sections };
    return { facts, shared, wholeFiles: attachWholeFiles(shared), mayHoldWithoutBlocks: filesWithoutBlocks(shared), close: () => {} };
  } finally {
    file.close();
  }
}

/**
 * Look-up walks from one bucket's start to the next: they may not fall, and end with the last entry. A
 * bucket far longer than codes ever make it would hold up each look-up in it.
 */
function checkBuckets(buckets: Uint32Array, blocks: number, path: string): void {
  const most = LONGEST_BUCKET_START + LONGEST_BUCKET_SHARE * (blocks / (buckets.length - 1));
  let last = 0;
  for (const start of buckets) {
    if (start < last || start - last > most) throw blockSetAltered(path, 'the order of its buckets');
    last = start;
  }
  if (buckets[0] !== 0 || last !== blocks) throw blockSetAltered(path, 'the number of its entries');
}

function checkLengths({ facts, bucketBits, anchors, sections }: BlockSetHeader, path: string): void {
  if (bucketBits !== bucketBitsFor(facts.blocks)) throw blockSetAltered(path, 'its number of buckets');
  const expected: Readonly<Record<BlockSetSectionName, number>> = {
    buckets: 4 * (2 ** bucketBits + 1),
    keys: 4 * facts.blocks,
    tails: facts.blocks,
    places: facts.blocks,
    ranks: 4 * Math.ceil(facts.blocks / RANK_ENTRIES),
    anchors: ANCHOR_RECORD_BYTES * anchors,
    'file-codes': 8 * facts.files,
    'file-sizes': FILE_SIZE_BYTES * facts.files,
    'file-blocks': 4 * facts.files,
    'file-kinds': facts.files,
  };
  for (const { name, lengthBytes } of sections) if (lengthBytes !== expected[name]) throw blockSetAltered(path, `the length of its section ${name}`);
}

function sharedByte(value: number): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(1);
  new Uint8Array(shared)[0] = value;
  return shared;
}
