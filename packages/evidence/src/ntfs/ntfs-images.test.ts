/** Test support without tests of its own: makes small NTFS volumes in memory and reads them. A test file by name, as only those may import the corpus. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { MemorySource, SourceWindow, type ByteRange, type Problem } from '@kerbside/bytes';
import { makeRandom, writeNtfsVolume, type NtfsFile, type NtfsVolume, type NtfsVolumeOptions } from '@kerbside/corpus';
import { displayPath } from '../display-name.ts';
import type { DetectionBasis } from '../file-system.ts';
import type { Item } from '../item.ts';
import { readContent, type ContentView } from '../read-content.ts';
import type { Volume } from '../volume.ts';
import { ntfsFormat } from './ntfs-format.ts';

export const RECORD_BYTES = 1024;

/** A volume in memory with what its writer says of it. */
export interface TestImage {
  readonly bytes: Buffer;
  readonly written: NtfsVolume;
}

export function makeImage(tree: readonly NtfsFile[], options: Partial<NtfsVolumeOptions> = {}): TestImage {
  const sizeBytes = options.sizeBytes ?? 2 * 1024 * 1024;
  const bytes = Buffer.alloc(sizeBytes);
  const sink = { write: (part: Uint8Array, offset: number) => bytes.set(part, offset) };
  return { bytes, written: writeNtfsVolume({ sizeBytes, label: 'TEST', seed: 1, tree, sink, ...options }) };
}

/** Seeded bytes that do not compress. */
export function noise(lengthBytes: number, seed: number): Buffer {
  const random = makeRandom(seed);
  return Buffer.from(Array.from({ length: lengthBytes }, () => random.below(256)));
}

/** Where a record of an unfragmented $MFT stands in the image. */
export function recordOffset(image: TestImage, entry: number, clusterSize = 4096): number {
  let cluster = Math.floor((entry * RECORD_BYTES) / clusterSize);
  for (const run of image.written.mftRuns) {
    if (cluster < run.clusters) return (run.lcn! + cluster) * clusterSize + ((entry * RECORD_BYTES) % clusterSize);
    cluster -= run.clusters;
  }
  throw new RangeError(`no record ${entry}`);
}

/** Changes bytes of one record, keeping its update sequence right. */
export function editRecord(image: TestImage, entry: number, edit: (record: Buffer) => void): void {
  const at = recordOffset(image, entry);
  const record = image.bytes.subarray(at, at + RECORD_BYTES);
  const sequenceAt = record.readUInt16LE(4);
  for (let i = 1; i <= 2; i++) record.copy(record, i * 512 - 2, sequenceAt + i * 2, sequenceAt + i * 2 + 2);
  edit(record);
  for (let i = 1; i <= 2; i++) {
    record.copy(record, sequenceAt + i * 2, i * 512 - 2, i * 512);
    record.copy(record, i * 512 - 2, sequenceAt, sequenceAt + 2);
  }
}

/** Offset in a record of the first attribute of a type. */
export function attributeAt(record: Buffer, type: number): number {
  let at = record.readUInt16LE(0x14);
  while (record.readUInt32LE(at) !== type) at += record.readUInt32LE(at + 4);
  return at;
}

export interface ReadImage {
  readonly basis: DetectionBasis | null;
  readonly items: readonly Item[];
  readonly problems: readonly Problem[];
  readonly label: string;
  /** Allocated, deleted and orphan items by display path. */
  readonly byPath: ReadonlyMap<string, Item>;
  readonly codes: readonly string[];
  readonly free: readonly ByteRange[];
  content(path: string, view?: ContentView): Buffer;
}

/** Reads a volume that begins at `start` of the image; start and size default to the whole of it. */
export function readImage(bytes: Buffer, start = 0): ReadImage {
  const whole = new MemorySource(bytes);
  const source = new SourceWindow(whole, start, bytes.length - start);
  const volume: Volume = { id: 'p1', startOffset: start, sizeBytes: source.sizeBytes, scheme: 'none', declaredType: '', source };
  const basis = ntfsFormat.detect(volume);
  const items: Item[] = [];
  const problems: Problem[] = [];
  const fileSystem = ntfsFormat.open(volume);
  for (const event of fileSystem.walk()) {
    if (event.type === 'item') items.push(event.item);
    else if (event.type === 'problem') problems.push(event.problem);
  }
  const byPath = new Map(items.map((item) => [displayPath('', item), item]));
  return {
    basis,
    items,
    problems,
    label: fileSystem.label,
    byPath,
    codes: problems.map((problem) => problem.code),
    free: [...fileSystem.freeRanges()],
    content(of, view = 'system') {
      const item = byPath.get(of);
      if (item === undefined) throw new Error(`no item ${of} among ${[...byPath.keys()].join(', ')}`);
      return Buffer.concat([...readContent(whole, item, view)].map((chunk) => Buffer.from(chunk.bytes)));
    },
  };
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Why a test that needs these programs is skipped here; false when all are there. With KERBSIDE_REQUIRE_TOOLS=1 it never skips. */
export function missingTools(...names: string[]): string | false {
  const folders = ['/usr/sbin', '/sbin', ...(process.env['PATH'] ?? '').split(':')];
  const missing = names.filter((name) => !folders.some((folder) => fs.existsSync(path.join(folder, name))));
  if (missing.length === 0 || process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') return false;
  return `not installed: ${missing.join(', ')}`;
}

/** Runs a program and returns its output; throws with its complaint when it fails. */
export function run(program: string, args: readonly string[]): Buffer {
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  const result = spawnSync(program, args, { maxBuffer: 256 * 1024 * 1024, env, timeout: 60_000 });
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.status} ${String(result.error ?? '')} ${result.stderr?.toString() ?? ''}`);
  return result.stdout;
}
