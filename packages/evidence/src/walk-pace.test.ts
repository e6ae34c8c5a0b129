import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceWindow, MemorySource, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import { makeExfatVolume, makeFatVolume } from '@kerbside/corpus';
import { exfatFormat } from './exfat/exfat-format.ts';
import { fatFormat } from './fat/fat-format.ts';
import type { FileSystemFormat } from './file-system.ts';
import { makePace, PAUSE_EVERY_BYTES } from './walk-pace.ts';

const VOLUME_BYTES = 48 * 1024 * 1024;
const TREE = [{ path: 'a/b.txt', content: Buffer.from('match report') }];

test('a pace speaks once every few MiB and never past the whole', () => {
  const pace = makePace(3 * PAUSE_EVERY_BYTES);
  const told: number[] = [];
  for (let at = 0; at <= 4 * PAUSE_EVERY_BYTES; at += 1024) {
    const pause = pace.reach(at);
    if (pause !== null) told.push(pause.doneBytes / PAUSE_EVERY_BYTES);
  }
  assert.deepEqual(told, [1, 2, 3, 3]);
});

const volumes: readonly (readonly [string, FileSystemFormat, Buffer])[] = [
  ...[512, 32_768, 65_536].map((clusterSizeBytes) => {
    const options = { sizeBytes: VOLUME_BYTES, clusterSizeBytes, label: 'PACE', seed: 1, tree: TREE };
    return [`exFAT, clusters of ${clusterSizeBytes}`, exfatFormat, Buffer.from(makeExfatVolume(options).image)] as const;
  }),
  ...[1024, 4096].map((clusterSizeBytes) => {
    const options = { fatBits: 16, sizeBytes: VOLUME_BYTES, clusterSizeBytes, label: 'PACE', seed: 1, tree: TREE } as const;
    return [`FAT16, clusters of ${clusterSizeBytes}`, fatFormat, Buffer.from(makeFatVolume(options).image)] as const;
  }),
];

for (const [name, format, image] of volumes) {
  test(`the search through free space gives way every few MiB: ${name}`, () => {
    let readBytes = 0;
    const source = counted(new MemorySource(image), (length) => (readBytes += length));
    const window = new SourceWindow(source, 0, image.length);
    const system = format.open({ id: 'p1', startOffset: 0, sizeBytes: image.length, scheme: 'none', declaredType: '', source: window });
    for (const event of system.walk()) void event;
    readBytes = 0;
    let pauses = 0;
    let doneBytes = 0;
    for (const event of system.walkOrphans()) {
      assert.ok(readBytes <= 2 * PAUSE_EVERY_BYTES, `${readBytes} bytes were read in silence`);
      readBytes = 0;
      if (event.type !== 'pause') continue;
      pauses += 1;
      assert.ok(event.doneBytes >= doneBytes && event.doneBytes <= event.totalBytes);
      doneBytes = event.doneBytes;
    }
    assert.ok(readBytes <= 2 * PAUSE_EVERY_BYTES);
    assert.ok(pauses >= VOLUME_BYTES / (3 * PAUSE_EVERY_BYTES) && pauses <= VOLUME_BYTES / PAUSE_EVERY_BYTES, `${pauses} pauses`);
  });
}

function counted(source: RandomAccessSource, onRead: (length: number) => void): RandomAccessSource {
  return {
    sizeBytes: source.sizeBytes,
    originOffset: source.originOffset,
    readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
      onRead(target.byteLength);
      return source.readInto(target, offset);
    },
    close: () => source.close(),
  };
}
