import { closeSync, fsyncSync, openSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RefusedError, writeFully } from '@kerbside/bytes';
import type { CategoryMap, CategoryMapFacts } from '../category-map.ts';
import { contentDigestOf, encodePrologue } from '../compiled/header.ts';
import { FORMAT_VERSION, MAX_ROWS, type CategoryEntry, type IndexFacts, type SetHeader } from '../compiled/layout.ts';
import { encodeIntegers } from '../compiled/integers.ts';
import { recordShape } from '../compiled/record-shape.ts';
import { DIGEST_KINDS } from '../digest-kinds.ts';
import type { NearCollector } from '../near/near-collector.ts';
import { writeNear } from '../near/write-near.ts';
import type { ChunkPool } from './chunk-pool.ts';
import { IndexEntries } from './index-entries.ts';
import type { RowCollector } from './row-collector.ts';
import { RowWriter, type WrittenRows } from './row-writer.ts';
import { SetFileWriter } from './set-file-writer.ts';
import type { SpillBuckets } from './spill-buckets.ts';

/** What `writeSetFile` needs to know. */
export interface SetFileParts {
  /** Path of the unfinished file; the caller renames it when this is done. */
  readonly partial: string;
  readonly spill: SpillBuckets;
  readonly pool: ChunkPool;
  readonly collector: RowCollector;
  readonly near: NearCollector;
  readonly map: CategoryMap | null;
  readonly header: Pick<SetHeader, 'name' | 'meaning' | 'createdAt' | 'importedBy' | 'sources'>;
  readonly warnings: readonly string[];
  readonly onProgress: (share: number) => void;
}

/** Sorts the spilled rows, writes rows, indexes, gate and header, and syncs the file. Returns the header. */
export async function writeSetFile(parts: SetFileParts): Promise<SetHeader> {
  const { collector, partial } = parts;
  if (collector.rowsTaken > MAX_ROWS) {
    throw new RefusedError('set-too-large', `a set holds at most ${MAX_ROWS} rows, the lists have ${collector.rowsTaken}: build several sets`);
  }
  const shape = recordShape(collector.kindsPresent, collector.anySize);
  const firstKind = DIGEST_KINDS.findIndex((_kind, i) => shape.digestAt[i]! >= 0);
  const { codes, finalCode } = sortCodes(collector.codes);
  const fd = openSync(partial, 'wx+', 0o600);
  const indexes: (IndexEntries | null)[] = [];
  try {
    const writer = new SetFileWriter(fd);
    for (const [i, kind] of DIGEST_KINDS.entries()) {
      indexes.push(shape.digestAt[i]! < 0 ? null : new IndexEntries(kind, i === firstKind, `${partial}-${kind}`, parts.pool));
    }
    const rowWriter = new RowWriter(writer, shape, collector.codes, finalCode, indexes);
    let bucketsDone = 0;
    await rowWriter.writeAll(parts.spill, async () => {
      parts.onProgress(Math.min(1, ++bucketsDone / parts.spill.bucketCount));
      await nextTurn();
    });
    const written = rowWriter.result;
    const indexFacts: IndexFacts[] = [];
    for (const index of indexes) if (index !== null) indexFacts.push(index.writeSections(writer));
    writeSizes(writer, written);
    const near = await writeNear({ fd, writer, collector: parts.near, pool: parts.pool, partial, finalCode });
    writer.begin('block-digests', 'whole');
    writer.write(writer.blockDigests());
    writer.end();

    const rowsByCode = new Float64Array(codes.length);
    for (let i = 0; i < collector.codes.length; i++) rowsByCode[finalCode[i]!] = written.byCode[i]!;
    const header = completeHeader({
      format: 'kerbside-set',
      version: FORMAT_VERSION,
      ...parts.header,
      totals: {
        read: collector.rowsTaken + collector.rowsRejected + collector.rowsNearOnly,
        accepted: written.rows,
        duplicate: collector.rowsTaken - written.rows,
        rejected: collector.rowsRejected,
        ...(collector.rowsNearOnly === 0 ? {} : { nearOnly: collector.rowsNearOnly }),
        rejectedByReason: collector.rejected.result(),
        notes: collector.notes.result(),
      },
      warnings: parts.warnings,
      categoryMap: parts.map === null ? null : mapFacts(parts.map),
      categories: codes.map((code, i) => categoryEntry(code, rowsByCode[i]!, parts.map)),
      rows: written.rows,
      rowsWithoutSize: written.rowsWithoutSize,
      rowsByKinds: [...written.byKinds].map((rows, kinds) => ({ kinds, rows })).filter(({ rows }) => rows > 0),
      record: { lengthBytes: shape.lengthBytes, perBlock: shape.perBlock, kinds: shape.kinds, sized: shape.sized },
      indexes: indexFacts,
      ...(near === null ? {} : { near }),
      sections: writer.sections,
    });
    const headerBytes = Buffer.from(JSON.stringify(header), 'utf8');
    writeFully(fd, headerBytes, writer.position);
    // The rest reaches the disk before the prologue does: until that is there, this is not a set.
    fsyncSync(fd);
    writeFully(fd, encodePrologue(headerBytes, writer.position), 0);
    fsyncSync(fd);
    return header;
  } finally {
    for (const index of indexes) index?.close();
    closeSync(fd);
  }
}

function completeHeader(header: Omit<SetHeader, 'contentDigest'>): SetHeader {
  return { ...header, contentDigest: contentDigestOf(header) };
}

function writeSizes(writer: SetFileWriter, written: WrittenRows): void {
  if (written.sizes === null) return;
  if (written.moreSizes.length > 0) {
    writer.begin('more-sizes', 'whole');
    writer.write(encodeIntegers(Float64Array.from(written.moreSizes)));
    writer.end();
  }
  // With a row of unknown size nothing may be gated, so no gate is stored.
  if (written.rowsWithoutSize > 0) return;
  writer.begin('size-bits', 'whole');
  writer.write(written.sizes.bitmap());
  writer.end();
  writer.begin('sizes', 'whole');
  writer.write(written.sizes.largeSizes());
  writer.end();
}

/** Codes in an order that does not depend on the lists' order (none first), and where each went. */
function sortCodes(collected: readonly (string | null)[]): { codes: (string | null)[]; finalCode: Uint16Array } {
  const order = collected.map((_code, i) => i).sort((a, b) => ((collected[a] ?? '') < (collected[b] ?? '') ? -1 : 1));
  const withoutNone = order.filter((i) => collected[i] !== null);
  const finalCode = new Uint16Array(collected.length);
  for (const [position, i] of withoutNone.entries()) finalCode[i] = position + 1;
  return { codes: [null, ...withoutNone.map((i) => collected[i]!)], finalCode };
}

function categoryEntry(code: string | null, rows: number, map: CategoryMap | null): CategoryEntry {
  const meaning = code === null ? undefined : map?.entries.get(code);
  return { code, category: meaning?.category ?? 'unmapped', basis: meaning?.basis ?? 'unstated', rows };
}

function mapFacts(map: CategoryMap): CategoryMapFacts {
  const { sourceId, locale, version, confirmedBy, confirmedAt, sha256 } = map;
  return { sourceId, locale, version, confirmedBy, confirmedAt, sha256 };
}
