import { DIGEST_BYTES, DIGEST_KINDS } from '../digest-kinds.ts';
import type { DigestAlgorithm } from '../known-set.ts';
import { altered } from '../compiled/header.ts';
import { BLOCK_BYTES } from '../compiled/layout.ts';
import { openSetFile } from '../compiled/set-file.ts';
import { LABEL_UNIT_BYTES, readLabel } from './label-writer.ts';
import { NEAR_ROW_FIXED_BYTES, NO_VALUE, QUALITY_UNSTATED } from './near-layout.ts';
import type { PdqDialect } from './pdq-hash.ts';

/** What a set says of one of its hashes. */
export interface NearRow {
  readonly dialect: PdqDialect;
  readonly kind: 'picture' | 'video-frame';
  /** Mapped category or `unmapped`, its basis, and the code as the source wrote it, or null. */
  readonly category: string;
  readonly categoryBasis: string;
  readonly rawCategory: string | null;
  /** File name of the list it stands in. */
  readonly source: string;
  /** 0 to 100, or null where the list states none. */
  readonly quality: number | null;
  /** Number of the content within the set: frames of one video share it. */
  readonly content: number;
  /** Time of a frame, or null. */
  readonly seconds: number | null;
  /** The strongest digest of the content, or null. */
  readonly digest: { readonly algorithm: DigestAlgorithm; readonly hex: string } | null;
  /** Id and series as the source writes them, or null. */
  readonly mediaId: string | null;
  readonly series: string | null;
}

/** The rows of a set's near-match part, read from disk and checked one by one. */
export interface NearRows {
  readonly rows: number;
  /** @throws RefusedError `set-altered`; RangeError for a row that does not exist */
  row(number: number): NearRow;
  close(): void;
}

/**
 * Opens what a set says of its hashes.
 *
 * @throws RefusedError as `openSet`
 */
export function openNearRows(path: string): NearRows {
  const file = openSetFile(path);
  try {
    const { near, categories, sources } = file.header;
    const parts = near?.parts ?? [];
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const rowBytes = near?.rowBytes ?? NEAR_ROW_FIXED_BYTES;
    const perBlock = Math.floor(BLOCK_BYTES / rowBytes);
    const readRows = file.blockReader('near-rows');
    const readLabels = file.blockReader('near-labels');
    return {
      rows,
      row(number) {
        const part = parts.find(({ firstRow, rows: count }) => number >= firstRow && number < firstRow + count);
        if (part === undefined || readRows === null) throw new RangeError(`${path} has no near-match row ${number}`);
        const block = readRows(Math.floor(number / perBlock));
        const at = (number % perBlock) * rowBytes;
        const category = at + rowBytes > block.length ? undefined : categories[block.readUInt16LE(at)];
        const source = sources[block.readUInt16LE(at + 2)];
        if (category === undefined || source === undefined) throw altered(path, `its near-match row ${number}`);
        const quality = block[at + 4]!;
        const milliseconds = block.readUInt32LE(at + 12);
        const labelPlace = block.readUInt32LE(at + 16);
        const digest = digestAt(block, at);
        const isFrame = block[at + 6] === 1;
        const content = block.readUInt32LE(at + 8);
        const label = labelPlace === NO_VALUE || readLabels === null ? null : labelAt(readLabels, labelPlace * LABEL_UNIT_BYTES);
        return {
          dialect: part.dialect,
          kind: isFrame ? 'video-frame' : 'picture',
          category: category.category,
          categoryBasis: category.basis,
          rawCategory: category.code,
          source: source.file,
          quality: quality === QUALITY_UNSTATED ? null : quality,
          content,
          seconds: milliseconds === NO_VALUE ? null : milliseconds / 1000,
          digest,
          mediaId: label === null || label.mediaId === '' ? null : label.mediaId,
          series: label === null || label.series === '' ? null : label.series,
        };
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function digestAt(block: Buffer, row: number): NearRow['digest'] {
  const algorithm = DIGEST_KINDS[block[row + 5]! - 1];
  if (algorithm === undefined) return null;
  const at = row + NEAR_ROW_FIXED_BYTES;
  return { algorithm, hex: block.toString('hex', at, at + DIGEST_BYTES[algorithm]) };
}

function labelAt(readBlock: (block: number) => Buffer, at: number): { mediaId: string; series: string } {
  return readLabel(readBlock(Math.floor(at / BLOCK_BYTES)), at % BLOCK_BYTES);
}
