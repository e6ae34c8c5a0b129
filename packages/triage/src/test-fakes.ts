import { createHash } from 'node:crypto';
import type { Item, ItemContent, PlainExtent } from '@kerbside/evidence';
import type { DigestAlgorithm, KnownSet, SetMeaning, SetRow } from '@kerbside/match';

/*
 * Stand-ins for tests of the run: items made of words, and sets made of contents. Not used by the
 * program.
 */

export const NO_TIMES = { created: null, modified: null, accessed: null, changed: null };

/** A file item in the root of its volume. */
export function fileItem(name: string, sizeBytes: number, content: ItemContent, change: Partial<Item> = {}): Item {
  return {
    kind: 'file',
    parent: null,
    name: { bytes: Buffer.from(name), encoding: 'utf-8' },
    streamName: null,
    sizeBytes,
    state: 'allocated',
    id: `id-${name}`,
    times: NO_TIMES,
    content,
    recovery: null,
    partial: false,
    ...change,
  };
}

export function dataAt(...runs: readonly [offset: number, length: number][]): ItemContent {
  return { form: 'extents', extents: runs.map(([sourceOffset, length]): PlainExtent => ({ kind: 'data', sourceOffset, length })) };
}

export function hexOf(algorithm: 'md5' | 'sha1' | 'sha256', bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

/** A row that states the given digests of a content. */
export function rowOf(content: Uint8Array, algorithms: readonly ('md5' | 'sha1' | 'sha256')[], change: Partial<SetRow> = {}): SetRow {
  const digest = (algorithm: 'md5' | 'sha1' | 'sha256'): string | null => (algorithms.includes(algorithm) ? hexOf(algorithm, content) : null);
  return { md5: digest('md5'), sha1: digest('sha1'), sha256: digest('sha256'), ed2k: null, sizesBytes: [content.byteLength], category: 'A', categoryBasis: 'trusted', rawCategory: '1', ...change };
}

/** A set held in memory. `sized` false makes it a set without sizes, so nothing is gated for it. */
export function fakeSet(name: string, meaning: SetMeaning, rows: readonly SetRow[], sized = true): KnownSet {
  const kinds: readonly DigestAlgorithm[] = ['md5', 'sha1', 'sha256', 'ed2k'];
  const rowsWith = Object.fromEntries(kinds.map((kind) => [kind, rows.filter((row) => row[kind] !== null).length])) as Record<DigestAlgorithm, number>;
  const sufficient = (['sha1', 'sha256', 'md5', 'ed2k'] as const).find((kind) => rowsWith[kind] === rows.length) ?? 'md5';
  const sizes = new Set(rows.flatMap((row) => row.sizesBytes));
  return {
    facts: { name, meaning, path: name, digest: hexOf('sha256', Buffer.from(JSON.stringify(rows))), formatVersion: 1, createdAt: '2026-01-01T00:00:00Z', sources: [], rows: rows.length, rowsWith, rowsWithoutSize: sized ? 0 : rows.length },
    lookup: (algorithm, digest) => {
      const hex = Buffer.from(digest).toString('hex');
      return rows.filter((row) => row[algorithm] === hex);
    },
    mayHaveSize: sized ? (size) => sizes.has(size) : null,
    coversAllRows: (algorithm) => rowsWith[algorithm] === rows.length,
    sufficientDigests: [sufficient],
    close: () => undefined,
  };
}
