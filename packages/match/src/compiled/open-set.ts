import { DIGEST_BYTES, DIGEST_KINDS, KIND_INDEX, LENGTH_OF_KIND } from '../digest-kinds.ts';
import type { BulkKnownSet, DigestAlgorithm, SetRow } from '../known-set.ts';
import { loadDigestIndex, type DigestIndex } from './digest-index.ts';
import { altered } from './header.ts';
import { decodeIntegers } from './integers.ts';
import { BLOCK_BYTES, RECORD_HAS_SIZE, RECORD_MORE_SIZES } from './layout.ts';
import { recordShape, type RecordShape } from './record-shape.ts';
import { factsOf, sufficientDigests } from './set-facts.ts';
import { openSetFile, type SetFile } from './set-file.ts';
import { loadSizeGate } from './size-gate.ts';

/** Shared answer of a look-up that found nothing. */
const NO_ROWS: readonly SetRow[] = Object.freeze([]);

/** Row numbers in a block of a `refs` section. */
const REFS_PER_BLOCK = BLOCK_BYTES / 4;

/** Digests whose filter words are visited in one go. */
const BATCH = 4096;

/**
 * Opens a compiled set for look-up. Loads and checks the digest indexes and the size gate
 * (about 5 bytes of memory a digest); rows stay on disk and are checked as they are read.
 *
 * @throws RefusedError `set-not-found`, `set-not-readable`, `set-not-a-set`, `set-version-unknown`,
 *   `set-truncated`, `set-altered`. `lookup` throws `set-altered` when a row's block is not as it was built
 */
export function openSet(path: string): BulkKnownSet {
  const file = openSetFile(path);
  try {
    return makeKnownSet(file);
  } catch (error) {
    file.close();
    throw error;
  }
}

interface KindReader {
  readonly index: DigestIndex;
  /** Row of the index's entry at this position. */
  readonly rowAt: (position: number) => number;
}

function makeKnownSet(file: SetFile): BulkKnownSet {
  const { header } = file;
  const kindsPresent = header.record.kinds.reduce((mask, kind) => mask | (1 << KIND_INDEX[kind]), 0);
  const shape = recordShape(kindsPresent, header.record.sized);
  if (shape.lengthBytes !== header.record.lengthBytes) throw altered(file.path, 'the shape of its records');
  const readRows = file.blockReader('rows');
  if (readRows === null) throw altered(file.path, 'its section rows');
  const kinds: (KindReader | null)[] = DIGEST_KINDS.map(() => null);
  for (const facts of header.indexes) {
    const index = loadDigestIndex(file, facts);
    kinds[KIND_INDEX[facts.kind]] = { index, rowAt: rowLocator(file, facts.kind) };
  }
  const moreSizes = loadMoreSizes(file);
  const batch = new Uint32Array(BATCH);
  const facts = factsOf(header, file.path);

  const readRow = (row: number, kind: number, digest: Uint8Array): SetRow | null => {
    const block = readRows(Math.floor(row / shape.perBlock));
    const at = (row % shape.perBlock) * shape.lengthBytes;
    if (at + shape.lengthBytes > block.length) throw altered(file.path, `row ${row}`);
    if (!holdsDigest(block, at, shape, kind, digest)) return null;
    return decodeRecord(block, at, shape, file, moreSizes.get(row));
  };

  const confirm = (reader: KindReader, kind: number, digest: Uint8Array): readonly SetRow[] => {
    let position = reader.index.firstCandidate(digest);
    if (position < 0) return NO_ROWS;
    const rows: SetRow[] = [];
    for (; position >= 0; position = reader.index.nextCandidate(digest, position)) {
      const row = readRow(reader.rowAt(position), kind, digest);
      if (row !== null) rows.push(row);
    }
    return rows;
  };

  return {
    facts,
    lookup(algorithm, digest) {
      const kind = KIND_INDEX[algorithm];
      const reader = kinds[kind];
      if (reader === null || reader === undefined || digest.length !== LENGTH_OF_KIND[kind]) return NO_ROWS;
      return confirm(reader, kind, digest);
    },
    lookupMany(algorithm, digests, onHit) {
      const kind = KIND_INDEX[algorithm];
      const reader = kinds[kind];
      const length = LENGTH_OF_KIND[kind]!;
      if (reader === null || reader === undefined) return;
      const count = Math.floor(digests.length / length);
      for (let from = 0; from < count; from += BATCH) {
        const found = reader.index.findCandidates(digests, length, from, Math.min(count, from + BATCH), batch);
        for (let i = 0; i < found; i++) {
          const number = batch[i]!;
          const rows = confirm(reader, kind, digests.subarray(number * length, (number + 1) * length));
          if (rows.length > 0) onHit(number, rows);
        }
      }
    },
    mayHaveSize: loadSizeGate(file),
    coversAllRows: (algorithm) => facts.rowsWith[algorithm] === facts.rows,
    sufficientDigests: sufficientDigests(header.rowsByKinds),
    close: () => file.close(),
  };
}

function rowLocator(file: SetFile, kind: DigestAlgorithm): (position: number) => number {
  const readRefs = file.blockReader(`refs-${kind}`);
  if (readRefs === null) return (position) => position;
  return (position) => readRefs(Math.floor(position / REFS_PER_BLOCK)).readUInt32LE((position % REFS_PER_BLOCK) * 4);
}

function loadMoreSizes(file: SetFile): ReadonlyMap<number, readonly number[]> {
  const pairs = decodeIntegers(file.readWhole('more-sizes'));
  const byRow = new Map<number, number[]>();
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const sizes = byRow.get(pairs[i]!);
    if (sizes === undefined) byRow.set(pairs[i]!, [pairs[i + 1]!]);
    else sizes.push(pairs[i + 1]!);
  }
  return byRow;
}

function holdsDigest(block: Buffer, record: number, shape: RecordShape, kind: number, digest: Uint8Array): boolean {
  const at = record + shape.digestAt[kind]!;
  for (let i = 0; i < digest.length; i++) if (block[at + i] !== digest[i]) return false;
  return (block[record]! & (1 << kind)) !== 0;
}

function decodeRecord(
  block: Buffer,
  at: number,
  shape: RecordShape,
  file: SetFile,
  moreSizes: readonly number[] | undefined,
): SetRow {
  const flags = block[at]!;
  const digest = (kind: DigestAlgorithm): string | null => {
    const i = KIND_INDEX[kind];
    if ((flags & (1 << i)) === 0) return null;
    const from = at + shape.digestAt[i]!;
    return block.toString('hex', from, from + DIGEST_BYTES[kind]);
  };
  const category = file.header.categories[block.readUInt16LE(at + 1)];
  if (category === undefined) throw altered(file.path, 'a category number');
  const sizesBytes: number[] = [];
  if ((flags & RECORD_HAS_SIZE) !== 0) {
    const sizeAt = at + shape.sizeAt;
    sizesBytes.push(block.readUInt32LE(sizeAt) + block.readUInt32LE(sizeAt + 4) * 0x1_0000_0000);
  }
  if ((flags & RECORD_MORE_SIZES) !== 0) sizesBytes.push(...(moreSizes ?? []));
  return {
    md5: digest('md5'),
    sha1: digest('sha1'),
    sha256: digest('sha256'),
    ed2k: digest('ed2k'),
    sizesBytes,
    category: category.category,
    categoryBasis: category.basis,
    rawCategory: category.code,
  };
}
