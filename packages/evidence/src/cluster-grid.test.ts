import assert from 'node:assert/strict';
import test from 'node:test';
import { MemorySource, SourceWindow } from '@kerbside/bytes';
import { createMemoryImage, makePicture, sinkAt, writeExfatVolume, writeExtVolume, writeFatVolume, writeNtfsVolume } from '@kerbside/corpus';
import { carve } from './carving/test-carve.ts';
import { FILE_SYSTEM_FORMATS } from './file-system-formats.ts';
import type { FileSystem } from './file-system.ts';

const SIZE_BYTES = 24 << 20;
/** Not a whole number of clusters into the source. */
const START = 63 * 512;

const picture = makePicture({ kind: 'jpeg', seed: 11, widthPx: 300, heightPx: 200, grain: 0.4 });
const deleted = makePicture({ kind: 'jpeg', seed: 12, widthPx: 300, heightPx: 200, grain: 0.4 });
const tree = [{ path: 'live.jpg', content: picture }, { path: 'gone.jpg', content: deleted, deleted: true }, { path: 'last.txt', content: Buffer.alloc(9000, 0x20) }];
const common = { sizeBytes: SIZE_BYTES, seed: 1, label: 'GRID', tree };

const VOLUMES = {
  FAT16: (sink: Parameters<typeof writeFatVolume>[0]['sink']) => writeFatVolume({ ...common, fatBits: 16, clusterSizeBytes: 2048, sink }),
  exFAT: (sink: Parameters<typeof writeFatVolume>[0]['sink']) => writeExfatVolume({ ...common, clusterSizeBytes: 4096, sink }),
  NTFS: (sink: Parameters<typeof writeFatVolume>[0]['sink']) => writeNtfsVolume({ ...common, sink }),
  ext4: (sink: Parameters<typeof writeFatVolume>[0]['sink']) => writeExtVolume({ ...common, variant: 'ext4', blockSizeBytes: 4096, sink }),
} as const;

function openAt(kind: keyof typeof VOLUMES): { readonly source: MemorySource; readonly fileSystem: FileSystem } {
  const image = createMemoryImage(START + SIZE_BYTES);
  VOLUMES[kind](sinkAt(image, START));
  const source = new MemorySource(image.bytes);
  const volume = { id: 'p1', startOffset: START, sizeBytes: SIZE_BYTES, scheme: 'mbr', declaredType: '', source: new SourceWindow(source, START, SIZE_BYTES) } as const;
  const format = FILE_SYSTEM_FORMATS.find((each) => each.detect(volume) !== null);
  if (format === undefined) throw new Error(`${kind} is not recognised`);
  return { source, fileSystem: format.open(volume) };
}

for (const kind of ['FAT16', 'exFAT', 'NTFS', 'ext4'] as const) {
  test(`${kind}: files and free ranges begin on the cluster grid, and what was deleted is carved on it`, () => {
    const { source, fileSystem } = openAt(kind);
    const { clusterGridOffset, clusterSizeBytes } = fileSystem;
    const isOnGrid = (offset: number): boolean => (offset - clusterGridOffset) % clusterSizeBytes === 0;
    assert.ok(clusterGridOffset >= START && clusterGridOffset < START + SIZE_BYTES);
    let files = 0;
    for (const event of fileSystem.walk()) {
      if (event.type !== 'item' || event.item.kind !== 'file' || event.item.content.form !== 'extents') continue;
      for (const extent of event.item.content.extents) if (extent.sourceOffset >= 0) assert.ok(isOnGrid(extent.sourceOffset), `${extent.sourceOffset}`);
      files += 1;
    }
    assert.ok(files >= 2);
    const free = [...fileSystem.freeRanges()];
    assert.ok(free.length > 0 && free.every(({ offset }) => isOnGrid(offset)));
    const { items } = carve(source, free, { clusterGrid: { offset: clusterGridOffset, sizeBytes: clusterSizeBytes }, sectorSizeBytes: 0 });
    const contents = items.map(({ start, end }) => {
      const bytes = Buffer.alloc(end - start);
      source.readInto(bytes, start);
      return bytes.equals(deleted);
    });
    assert.deepEqual(contents, [true]);
  });
}
