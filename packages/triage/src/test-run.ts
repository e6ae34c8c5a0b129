import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Problem } from '@kerbside/bytes';
import { openSource, type FileSystem, type Gap, type Item, type Layout, type OpenImage, type VolumeContent, type WalkEvent } from '@kerbside/evidence';
import type { KnownSet } from '@kerbside/match';
import { openJournal } from './journal.ts';
import { createRandom } from './test-random.ts';
import { dataAt, fileItem } from './test-fakes.ts';
import type { Report } from './report-types.ts';
import { runTriageWith, type RunResult, type TriageOptions } from './run-with-doors.ts';
import type { TriageDoors } from './triage-doors.ts';
import { createWorkerPool } from './worker-pool.ts';

/*
 * A whole run over a made-up file system on a real raw image, for tests: real reading threads and
 * journal, no reader of ours. Not used by the program.
 */

/** A device of made-up files: their contents lie one after another, each on a sector. */
export interface TestDevice {
  readonly bytes: Buffer;
  readonly items: Item[];
  readonly contents: Buffer[];
}

/** @param sizes length of each file; names are `f0.jpg`… */
export function makeDevice(sizes: readonly number[], seed = 1): TestDevice {
  const random = createRandom(seed);
  const contents = sizes.map((size) => random.bytes(size));
  const items: Item[] = [];
  const pieces: Buffer[] = [];
  let at = 0;
  for (const [index, content] of contents.entries()) {
    const padded = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    content.copy(padded);
    items.push(fileItem(`f${index}.jpg`, content.length, dataAt([at, content.length])));
    pieces.push(padded);
    at += padded.length;
  }
  return { bytes: Buffer.concat([...pieces, Buffer.alloc(512)]), items, contents };
}

export interface TestSetup {
  readonly items: readonly Item[];
  readonly orphans?: readonly Item[];
  readonly problems?: readonly Problem[];
  readonly sets: readonly KnownSet[];
  /** Volumes beside the one with the items. */
  readonly others?: readonly VolumeContent[];
  readonly gaps?: readonly Gap[];
}

/** Doors with the real reading threads and a file system that yields the given items. */
export function testDoors(setup: TestSetup, change: Partial<TriageDoors> = {}): TriageDoors {
  return {
    openSource: (path) => openSource(path),
    findLayout: (image) => testLayout(image, setup),
    openSet: (path) => setup.sets[Number(path)]!,
    openJournal,
    createPool: createWorkerPool,
    ...change,
  };
}

/** An image file and an out folder that vanish with the test. */
export function testPlace(context: TestContext, bytes: Uint8Array): { readonly imagePath: string; readonly outFolder: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-run-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const imagePath = join(folder, 'device.dd');
  writeFileSync(imagePath, bytes);
  return { imagePath, outFolder: join(folder, 'out'), folder };
}

export function runOnce(place: { readonly imagePath: string; readonly outFolder: string }, setup: TestSetup, options: Partial<TriageOptions> = {}, doors: Partial<TriageDoors> = {}): Promise<RunResult> {
  return runTriageWith(testDoors(setup, doors), {
    sourcePath: place.imagePath,
    setPaths: setup.sets.map((_, index) => String(index)),
    outFolder: place.outFolder,
    workers: 2,
    // Drawn anew it would make other reads, and so another sample of what the device holds.
    surveySeed: '5eed'.repeat(16),
    ...options,
  });
}

/** A report without what differs between two equal runs. */
export function timeless(report: Report): string {
  return JSON.stringify({ ...report, timings: null });
}

function testLayout(image: OpenImage, setup: TestSetup): Layout {
  const volume = { id: 'p1', startOffset: 0, sizeBytes: image.facts.sizeBytes, scheme: 'none', declaredType: '', source: image.source } as const;
  return {
    scheme: 'none',
    volumes: [
      { volume, content: { state: 'file-system', fileSystem: testFileSystem(setup), basis: 'primary' } },
      ...(setup.others ?? []).map((content, index) => ({ volume: { ...volume, id: `p${index + 2}` }, content })),
    ],
    gaps: setup.gaps ?? [],
    problems: [],
  };
}

function testFileSystem(setup: TestSetup): FileSystem {
  return {
    kind: 'FAT32',
    label: 'TEST',
    clusterSizeBytes: 512,
    clusterGridOffset: 0,
    *walk(): Generator<WalkEvent, void, undefined> {
      for (const problem of setup.problems ?? []) yield { type: 'problem', problem };
      for (const item of setup.items) yield { type: 'item', item };
    },
    *walkOrphans(): Generator<WalkEvent, void, undefined> {
      for (const item of setup.orphans ?? []) yield { type: 'item', item };
    },
    *freeRanges() {},
  };
}
