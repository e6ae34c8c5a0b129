import { hash } from 'node:crypto';
import type { ByteRange } from '@kerbside/bytes';
import { makeUnitKeys, merkleRoot, type DatedUnitKeys } from '@kerbside/ledger';
import { TOOL_VERSION } from '../tool-version.ts';
import { computeVerdict, type VerdictInput } from '../verdict.ts';
import { certificateBody } from './build-certificate.ts';
import type { CertificateInput, CertificateReads } from './certificate-types.ts';
import { memoryLeaves, type LeafStages } from './leaf-stages.ts';
import { leafOfRead } from './read-leaf.ts';
import type { ReplayedRun } from './replay-run.ts';

/*
 * A small run made by hand, with real reads of real bytes, for tests of certificates. Not used by the program.
 */

const CHUNK_BYTES = 4096;
const BLOCK_BYTES = 512;

export const TEST_KEYS: DatedUnitKeys = makeUnitKeys('Test unit', new Date('2026-03-04T05:06:07.000Z'));

const ITEMS = {
  seen: 10,
  read: 6,
  gated: 3,
  skippedByPlan: 1,
  problems: 0,
  skipped: { 'no-runs': 0, empty: 1, 'not-content': 0, 'nothing-stored': 0, 'left-by-profile': 0, 'not-reached': 0 },
  directories: 2,
  others: 0,
};

const VERDICT_INPUT: VerdictInput = {
  state: 'finished',
  sets: 1,
  isScreen: false,
  leftWithoutBlocks: 0,
  hits: [],
  problems: [],
  items: ITEMS,
  unreadableBytes: 0,
  volumes: [{ id: 'p1', state: 'file-system', name: 'FAT32', intact: true, appears: 'data' }],
  gaps: [],
  unfinishedStages: [],
  controls: { state: 'passed', failedMarkers: [] },
  blockHits: [],
  disagreements: [], similar: 0, content: null,
  meter: null,
};

export interface TestRun extends ReplayedRun {
  readonly input: CertificateInput;
  readonly stageLeaves: readonly { readonly name: string; readonly leaves: Uint8Array }[];
}

/**
 * Reads `source` in two stages, even chunks and then odd ones, and makes everything a certificate needs of it.
 * @param unreadable ranges that give nothing, on whole blocks
 */
export function testRun(source: Uint8Array, unreadable: readonly ByteRange[] = [], change: Partial<CertificateInput> = {}): TestRun {
  const chunks = Math.ceil(source.byteLength / CHUNK_BYTES);
  const stages = [
    { name: 'systematic-0', places: Array.from({ length: Math.ceil(chunks / 2) }, (_, read) => read * 2 * CHUNK_BYTES) },
    { name: 'rest', places: Array.from({ length: Math.floor(chunks / 2) }, (_, read) => (read * 2 + 1) * CHUNK_BYTES) },
  ];
  const stageLeaves = stages.map(({ name, places }) => ({ name, leaves: Buffer.concat(places.map((offset) => readChunk(source, offset, unreadable))) }));
  const reads = stages.map(({ name, places }, index): CertificateReads => {
    const { leaves } = stageLeaves[index]!;
    const root = merkleRoot(places.map((_, read) => leaves.subarray(read * 32, read * 32 + 32))).toString('hex');
    return { lane: 'survey', name, generator: 'even-and-odd-1', unit: 'reads', planned: places.length, done: places.length === 0 ? [] : [{ first: 0, count: places.length }], count: places.length, merkleRoot: root };
  });
  const unreadableBytes = unreadable.reduce((sum, { length }) => sum + length, 0);
  const verdictInput: VerdictInput = { ...VERDICT_INPUT, unreadableBytes };
  const { hits: _, ...basis } = verdictInput;
  const input: CertificateInput = {
    tool: { name: 'kerbside', version: TOOL_VERSION, buildDigest: 'a'.repeat(64), node: 'v24.0.0' },
    configuration: { profile: 'known', until: { bytes: 20_971_520, probability: 0.99 }, minutes: null, planVersion: 3, writeBlocker: null },
    source: { kind: 'raw', path: '/evidence/größe "1".img', sizeBytes: source.byteLength, sectorSizeBytes: 512, details: [{ name: 'serial', value: 'X-1' }], edgeDigest: hash('sha256', source, 'hex') },
    sets: [{ name: 'Test set', kind: 'compiled', meaning: 'alert', digest: 'b'.repeat(64), owner: null, signerId: null, signature: null, expiresAt: null }],
    plan: { survey: { order: 'even-and-odd-1', seed: '00ff', startOffset: 0, chunkBytes: CHUNK_BYTES, spacingBytes: null, parameters: {} }, file: { planVersion: 3, digests: ['sha1'], sizeGate: 'on' } },
    reads,
    readsFile: { sizeBytes: 0, digest: 'c'.repeat(64) },
    gaps: { unreadableBytes, unreadableRanges: unreadable, unreadableRangesNotListed: 0, encryptedVolumes: [], items: ITEMS, bytesGated: 12_345, problems: [] },
    controls: { state: 'passed', volumeDigest: 'd'.repeat(64), elapsedMs: 12, markers: [{ name: 'live-fat', expected: 'hit', outcome: 'ok' }] },
    result: {
      ...computeVerdict(verdictInput),
      meter: { unbrokenBytes: 8192, scattered: [{ bytes: 20_971_520, probability: 0.5 }], filesChecked: 9, filesTotal: 10, systematicReads: 1, jitteredReads: 1, unreadableBytes, indexedShare: 0.9 },
      hits: { count: 0, digest: hash('sha256', '', 'hex'), counts: [] },
      blockHits: { count: 0, digest: hash('sha256', '', 'hex') },
    },
    verdictInput: basis,
    reportDigest: 'e'.repeat(64),
    times: { startedAt: '2026-03-04T05:06:07.000Z', finishedAt: '2026-03-04T05:07:07.000Z', totalMs: 60_000, resumed: 0 },
    ...change,
  };
  const leaves: LeafStages = memoryLeaves(stageLeaves);
  return {
    input,
    stageLeaves,
    certificate: certificateBody(input),
    leaves,
    rangesOf: (stage, leaf) => [{ offset: stages[stage]!.places[leaf]!, length: Math.min(CHUNK_BYTES, source.byteLength - stages[stage]!.places[leaf]!) }],
    close: () => undefined,
  };
}

function readChunk(source: Uint8Array, offset: number, unreadable: readonly ByteRange[]): Buffer {
  const bytes = Buffer.from(source.subarray(offset, offset + CHUNK_BYTES));
  const inside = unreadable.filter((range) => range.offset >= offset && range.offset < offset + bytes.byteLength);
  for (const range of inside) bytes.fill(0, range.offset - offset, range.offset - offset + range.length);
  const blocks = Array.from({ length: Math.ceil(bytes.byteLength / BLOCK_BYTES) }, (_, block) => hash('md5', bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES), 'buffer'));
  return leafOfRead(offset, bytes.byteLength, Buffer.concat(blocks), inside);
}
