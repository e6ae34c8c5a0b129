import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFatVolume, makeRandom, mutate, type CorpusFile } from '@kerbside/corpus';
import type { FileSystem } from '../file-system.ts';
import type { Extent, Item, WalkEvent } from '../item.ts';
import { fatFormat } from './fat-format.ts';
import { volumeOf } from './listing-for-tests.ts';

/** Damaged copies of each of the three images; `KERBSIDE_LONG` asks for more. */
const COPIES_PER_IMAGE = process.env['KERBSIDE_LONG'] === '1' ? 20_000 : 800;
/** Most CPU time for one copy, far below the ten seconds that nothing may take; CPU time, as other work may share the machine. */
const MAX_COPY_MS = 2_000;

function tree(seed: number): CorpusFile[] {
  const random = makeRandom(seed);
  return Array.from({ length: 60 }, (_, number) => {
    const content = Buffer.alloc(random.below(3000), number);
    const path = random.pick([`DCIM/100/IMG_${number}.JPG`, `a longer name in the root ${number}.txt`, `x/y/z/${number}.bin`, `gone/old/${number}.txt`]);
    return { path, content, deleted: random.chance(0.2), fragments: 1 + random.below(3) };
  });
}

const IMAGES = ([[12, 256 << 10], [16, 2200 << 10], [32, 400 << 10]] as const).map(([fatBits, sizeBytes]) => ({
  fatBits,
  image: makeFatVolume({ fatBits, sizeBytes, clusterSizeBytes: 512, label: 'M', seed: fatBits, tree: tree(fatBits), deletedFolders: ['gone'], allowsSmallFat32: true }).image,
}));

/** What must hold for every item, however damaged the volume. */
function checkItem(item: Item, imageBytes: number): void {
  if (item.content.form !== 'extents') return;
  let sum = 0;
  for (const extent of item.content.extents as readonly Extent[]) {
    assert.equal(extent.kind, 'data');
    assert.ok(extent.length > 0 && extent.sourceOffset >= 0 && extent.sourceOffset + extent.length <= imageBytes, 'extent inside the image');
    sum += extent.length;
  }
  assert.ok(sum <= item.sizeBytes);
  assert.equal(item.partial, sum < item.sizeBytes);
}

function walkAll(fileSystem: FileSystem, image: Buffer): { readonly items: number; readonly problems: number } {
  let items = 0;
  let problems = 0;
  const take = (event: WalkEvent): void => {
    if (event.type === 'problem') {
      problems++;
      assert.notEqual(event.problem.kind, 'internal', event.problem.message);
      return;
    }
    if (event.type === 'pause') return;
    items++;
    checkItem(event.item, image.length);
  };
  for (const event of fileSystem.walk()) take(event);
  for (const event of fileSystem.walkOrphans()) take(event);
  for (const range of fileSystem.freeRanges()) assert.ok(range.offset + range.length <= image.length);
  return { items, problems };
}

for (const { fatBits, image } of IMAGES) {
  test(`${COPIES_PER_IMAGE} damaged copies of a FAT${fatBits} volume end in time, inside their budget, with sound items`, () => {
    let opened = 0;
    let withProblems = 0;
    for (let seed = 1; seed <= COPIES_PER_IMAGE; seed++) {
      const copy = mutate(image, seed);
      const volume = volumeOf(copy);
      const startedAt = process.cpuUsage();
      try {
        if (fatFormat.detect(volume) === null) continue;
        const { items, problems } = walkAll(fatFormat.open(volume), copy);
        opened++;
        if (problems > 0) withProblems++;
        assert.ok(items <= copy.length / 32, `${items} items`);
        const { user, system } = process.cpuUsage(startedAt);
        assert.ok((user + system) / 1000 < MAX_COPY_MS, `${(user + system) / 1000} ms`);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
    assert.ok(opened > COPIES_PER_IMAGE * 0.6, `${opened} opened`);
    // Many changes fall into content or free space, where there is nothing to tell.
    assert.ok(withProblems > opened * 0.1, `${withProblems} of ${opened} told a problem`);
  });
}
