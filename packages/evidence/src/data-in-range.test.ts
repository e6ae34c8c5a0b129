import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { makeExfatVolume, makeFatVolume } from '@kerbside/corpus';
import { holdsData } from './data-in-range.ts';
import { exfatFormat } from './exfat/exfat-format.ts';
import { fatFormat } from './fat/fat-format.ts';
import type { FileSystemFormat } from './file-system.ts';

test('one byte anywhere in the range is seen, none outside it', () => {
  const bytes = Buffer.alloc(3 << 20);
  assert.equal(holdsData(new MemorySource(bytes), 0, bytes.length + 5), false);
  bytes[(2 << 20) + 7] = 1;
  assert.equal(holdsData(new MemorySource(bytes), 0, bytes.length), true);
  assert.equal(holdsData(new MemorySource(bytes), 0, (2 << 20) + 7), false);
  assert.equal(holdsData(new MemorySource(bytes), (2 << 20) + 8, bytes.length), false);
  assert.equal(holdsData({ sizeBytes: 1e12, originOffset: 0, readInto: () => [], close: () => undefined }, 0, 1e11), true);
});

function codesOf(format: FileSystemFormat, image: Buffer): string[] {
  const system = format.open({ id: 'p1', startOffset: 0, sizeBytes: image.length, scheme: 'none', declaredType: '', source: new MemorySource(image) });
  return [...system.walk()].flatMap((event) => (event.type === 'problem' ? [event.problem.code] : []));
}

test('what stands between the boot sectors and the table is told: FAT', () => {
  const small = Buffer.from(makeFatVolume({ fatBits: 12, sizeBytes: 3 << 20, clusterSizeBytes: 1024, label: 'R', seed: 1, tree: [] }).image);
  // The same volume with 2,000 reserved sectors in front of its table, as card formatters make them.
  const more = 2000 - small.readUInt16LE(14);
  const image = Buffer.concat([small.subarray(0, small.readUInt16LE(14) * 512), Buffer.alloc(more * 512), small.subarray(small.readUInt16LE(14) * 512)]);
  image.writeUInt16LE(2000, 14);
  if (image.readUInt16LE(19) !== 0) image.writeUInt16LE(image.readUInt16LE(19) + more, 19);
  else image.writeUInt32LE(image.readUInt32LE(32) + more, 32);
  assert.deepEqual(codesOf(fatFormat, image), []);
  image[900 * 512] = 0x47;
  assert.deepEqual(codesOf(fatFormat, image), ['fat-reserved-data']);
});

test('what stands between the boot regions and the table is told: exFAT', () => {
  const { image, facts } = makeExfatVolume({ sizeBytes: 4 << 20, clusterSizeBytes: 4096, label: 'R', seed: 1, tree: [] });
  assert.deepEqual(codesOf(exfatFormat, image), []);
  if (facts.fatOffset <= 24 * 4096) return;
  image[facts.fatOffset - 1] = 0x47;
  assert.deepEqual(codesOf(exfatFormat, image), ['exfat-reserved-data']);
});
