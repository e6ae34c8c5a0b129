import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyedCode } from '@kerbside/bytes';
import { makeUnitKeys, type UnitKeys } from '@kerbside/ledger';
import type { AskableSet } from './askable-set.ts';
import { openDestructionLog } from './destruction-log.ts';
import type { Destroyer } from './destroy-manifest.ts';
import { CODE_KIND_PURPOSES, CODE_KINDS, type CodeKind, type ManifestItem } from './item-record.ts';
import type { ManifestFacts } from './manifest-header.ts';
import { createManifestWriter } from './manifest-writer.ts';

/* Manifests and sets for tests. Not used by the program. */

export const UNIT: UnitKeys = makeUnitKeys('Unit A, Exampleshire');
export const OTHER_UNIT: UnitKeys = makeUnitKeys('Unit B, Exampleshire');
export const NOW = new Date('2026-06-01T12:00:00.000Z');

/** A folder that vanishes at the end of the test (`using`). */
export function makeFolder(): Disposable & { readonly path: string; at(name: string): string } {
  const path = mkdtempSync(join(tmpdir(), 'kerbside-manifest-'));
  return { path, at: (name) => join(path, name), [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export function factsOf(change: Partial<ManifestFacts> = {}): ManifestFacts {
  return {
    label: 'SMB/14',
    sourceDigest: createHash('sha256').update('a source').digest('hex'),
    sourceBytes: 1_000_000,
    runId: 'run-1',
    toolVersion: '0.1.0',
    createdAt: '2026-05-01T00:00:00.000Z',
    expiresAt: '2027-05-01T00:00:00.000Z',
    ...change,
  };
}

/** A digest of made-up content number `n`. */
export function digestOf(kind: CodeKind, n: number): Buffer {
  return createHash(kind).update(`content ${n}`).digest();
}

/** An item that was read, with these digests of content `n`. */
export function readItem(n: number, sizeBytes: number, kinds: readonly CodeKind[] = ['md5', 'sha1']): ManifestItem {
  return { sizeBytes, state: 'read', ...Object.fromEntries(kinds.map((kind) => [kind, digestOf(kind, n)])) };
}

export function writeManifest(path: string, items: readonly ManifestItem[], change: Partial<ManifestFacts> = {}, unit: UnitKeys = UNIT, complete = true): string {
  const writer = createManifestWriter(path, factsOf(change), { unit, setCodeKeys: [] });
  writer.add(items);
  writer.finish(complete);
  return path;
}

export function destroyerIn(folder: string): Destroyer {
  return { log: openDestructionLog(folder), by: 'officer' };
}

/** A row of a made-up set. */
export interface TestRow {
  readonly digests: Readonly<Partial<Record<CodeKind, Uint8Array>>>;
  readonly sizeBytes: number | null;
  readonly category: string;
}

/** A set of digests in memory, in batches of two. */
export function testSet(rows: readonly TestRow[], name = 'New list'): AskableSet {
  const categories = [...new Set(rows.map(({ category }) => category))];
  const kindsOf = (row: TestRow): number => CODE_KINDS.reduce((bits, kind, place) => (row.digests[kind] === undefined ? bits : bits | (1 << place)), 0);
  const statesSizes = rows.every(({ sizeBytes }) => sizeBytes !== null);
  return {
    name,
    digest: 'ab'.repeat(32),
    kind: 'compiled',
    codeKeyId: null,
    categories,
    kindsOfRows: [...new Set(rows.map(kindsOf))],
    statesSizes,
    hasSize: (sizeBytes) => !statesSizes || rows.some((row) => row.sizeBytes === sizeBytes),
    *files(codeKey) {
      for (let first = 0; first < rows.length; first += 2) {
        const batch = rows.slice(first, first + 2);
        yield {
          count: batch.length,
          kinds: Uint8Array.from(batch, kindsOf),
          codes: CODE_KINDS.map((kind, place) => Buffer.concat(batch.map((row) => (row.digests[kind] === undefined ? Buffer.alloc(8) : keyedCode(codeKey!, CODE_KIND_PURPOSES[place]!, row.digests[kind]))))),
          categories: Uint16Array.from(batch, ({ category }) => categories.indexOf(category)),
          sizesOf: (row) => (batch[row]!.sizeBytes === null ? null : [batch[row]!.sizeBytes]),
        };
      }
    },
    findBlocks: null,
    close: () => undefined,
  };
}
