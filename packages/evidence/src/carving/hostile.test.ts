import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { makeMedia, MEDIA_KINDS, makePicture, makeRandom, mutate } from '@kerbside/corpus';
import { carveRanges } from './carve-ranges.ts';
import { MemorySource } from '@kerbside/bytes';
import { carve, SparseSource, type Carved } from './test-carve.ts';

const MIB = 1024 ** 2;
const SIZE = { seed: 8, widthPx: 56, heightPx: 40 };

/** What must hold of any search of any bytes. */
function assertSound({ items, problems, summary }: Carved, ranges: readonly { readonly offset: number; readonly length: number }[]): void {
  let before = 0;
  for (const { start, end, item } of items) {
    assert.ok(start >= before && end > start, `${start}–${end} after ${before}`);
    assert.equal(item.sizeBytes, end - start);
    // Inside what the ranges cover without a break.
    for (let at = start; at < end; ) {
      const range = ranges.find(({ offset, length }) => offset <= at && at < offset + length);
      assert.ok(range !== undefined, `byte ${at} of ${start}–${end} is not free`);
      at = range.offset + range.length;
    }
    before = end;
  }
  assert.deepEqual(problems.filter(({ kind }) => kind === 'internal'), []);
  assert.equal(Object.values(summary.found).reduce((sum, count) => sum + count, 0), items.length);
}

const WHOLE = [...(['jpeg', 'png', 'gif'] as const).map((kind) => makePicture({ kind, ...SIZE })), ...MEDIA_KINDS.map((kind) => makeMedia({ kind, ...SIZE, frames: 3 }))];

test('damaged files of every kind, 2,000 times over: every search ends, and what it finds lies in the space and apart', () => {
  const random = makeRandom(3);
  let found = 0;
  for (let seed = 0; seed < 2_000; seed++) {
    const file = mutate(WHOLE[seed % WHOLE.length]!, seed);
    const space = Buffer.concat([file, Buffer.alloc(random.below(2) * 3000), random.pick(WHOLE)]);
    const range = { offset: 0, length: space.length };
    const carved = carve(space, [range], { clusterGrid: random.pick([null, { offset: 0, sizeBytes: 4096 }]) });
    assertSound(carved, [range]);
    found += carved.items.length;
  }
  // Most damage is to the first file, and one in a few leaves it whole by structure.
  assert.ok(found > 100 && found < 4_000, `${found} found`);
});

test('whatever the bytes, the ranges and the grid: items lie in free bytes, ascend, and share none', () => {
  const heads = [...WHOLE.map((file) => file.subarray(0, 600)), ...WHOLE.map((file) => file.subarray(-200)), ...WHOLE.filter((file) => file.length < 6000), Buffer.alloc(512), Buffer.alloc(700, 0xff)];
  let found = 0;
  const part = fc.oneof(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)));
  const range = fc.record({ gap: fc.constantFrom(0, 0, 1, 512, 4096), length: fc.integer({ min: 0, max: 20_000 }) });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 24 }), fc.array(range, { minLength: 1, maxLength: 6 }), fc.constantFrom(512, 512, 64, 1), fc.nat({ max: 600 }), fc.boolean(), (parts, gaps, step, origin, aligned) => {
      const pieces = aligned ? parts.map((bytes) => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])) : parts;
      const space = Buffer.concat([...pieces, Buffer.alloc(16)]);
      let at = 0;
      const ranges = gaps.map(({ gap, length }) => {
        const offset = at + gap;
        at = offset + length;
        return { offset, length: Math.max(0, Math.min(length, space.length - offset)) };
      });
      const carved = carve(space, ranges, { sectorSizeBytes: step, clusterGrid: origin % 2 === 0 ? null : { offset: origin, sizeBytes: 1024 } });
      assertSound(carved, ranges);
      found += carved.items.length;
    }),
    { numRuns: 1_500 },
  );
  assert.ok(found > 200, `only ${found} found: the property was hardly put to the test`);
});

test('a search that is left half-way gives its memory back, and two at once do not disturb each other', () => {
  const space = Buffer.concat(WHOLE.map((file) => Buffer.concat([file, Buffer.alloc(8192 - (file.length % 4096))])));
  const start = (): ReturnType<typeof carveRanges> => carveRanges(new MemorySource(space), [{ offset: 0, length: space.length }], { volumeId: '', clusterGrid: null });
  const ids = (events: Iterable<{ readonly type: string }>): string[] => [...events].flatMap((event) => ('item' in event ? [(event.item as { id: string }).id] : []));
  const alone = ids(start());
  assert.ok(alone.length >= 8);
  for (const event of start()) if (event.type === 'item') break;
  const [first, second] = [start(), start()];
  const both: [string[], string[]] = [[], []];
  for (let turn = 0; turn < 100; turn++) {
    for (const [index, events] of [first, second].entries()) {
      const step = events.next();
      if (step.done !== true && step.value.type === 'item') both[index]!.push(step.value.item.id);
    }
  }
  assert.deepEqual(both, [alone, alone]);
});

test('a limit on a file’s parts is told with its name, once for a kind', () => {
  const picture = WHOLE[0]!;
  const comment = Buffer.from([0xff, 0xfe, 0, 3, 0x20]);
  const file = Buffer.concat([picture.subarray(0, 2), ...Array.from({ length: 1_100 }, () => comment), picture.subarray(2)]);
  const { items, problems, summary } = carve(Buffer.concat([file, Buffer.alloc(8192 - (file.length % 4096)), file]));
  assert.deepEqual(items, []);
  assert.deepEqual(problems.map(({ kind, code, where }) => [kind, code, where]), [['limit', 'carving-parts-limit', { volume: 'p1', offset: 0 }]]);
  assert.equal(summary.incomplete.jpeg, 2);
});

test('a file longer than any is told and left out', () => {
  const head = Buffer.concat([WHOLE[1]!.subarray(0, 33), Buffer.from('7fffffff49444154', 'hex')]);
  const { items, problems } = carve(new SparseSource(2200 * MIB, [{ at: MIB, bytes: head }]), [{ offset: MIB, length: 2199 * MIB }], { sectorSizeBytes: 0, clusterGrid: { offset: 0, sizeBytes: 4096 } });
  assert.deepEqual([items, problems.map(({ code }) => code)], [[], ['carving-length-limit']]);
});

test('no more items than the limit, and the limit is told', () => {
  const gif = makePicture({ kind: 'gif', seed: 1, widthPx: 8, heightPx: 8 });
  const space = Buffer.concat(Array.from({ length: 30 }, () => Buffer.concat([gif, Buffer.alloc(4096 - gif.length)])));
  const { items, problems } = carve(space, undefined, { maxItems: 7 });
  assert.deepEqual([items.length, problems.map(({ kind, code }) => [kind, code])], [7, [['limit', 'carving-item-limit']]]);
});

test('headers planted to lead far and break are followed only so often, and that is told', () => {
  // Each begins in a sector of its own and jumps over the others to one scan header, behind which nothing stands
  // that ends a scan of the largest frame there is.
  const picture = Buffer.from(WHOLE[0]!);
  const scanAt = picture.indexOf(Buffer.from([0xff, 0xda]));
  const head = Buffer.from(picture.subarray(0, scanAt));
  const frame = head.indexOf(Buffer.from([0xff, 0xc0]));
  head.writeUInt32BE(0xffffffff, frame + 5);
  const sectors = 60;
  const space = Buffer.alloc(sectors * 1024 + 64);
  for (let sector = 0; sector < sectors; sector++) {
    const at = sector * 1024;
    head.copy(space, at);
    space.writeUInt16BE(0xffe1, at + head.length);
    space.writeUInt16BE(sectors * 1024 - (at + head.length) - 2, at + head.length + 2);
  }
  picture.copy(space, sectors * 1024, scanAt, scanAt + 14);
  assert.ok(head.length < 1000);
  const source = new SparseSource(400 * MIB, [{ at: 0, bytes: space }]);
  const { items, problems, summary } = carve(source);
  assert.deepEqual([items, problems.map(({ kind, code }) => [kind, code])], [[], [['limit', 'carving-work-limit']]]);
  assert.ok(summary.incomplete.jpeg >= 2 && summary.incomplete.jpeg < 10, `${summary.incomplete.jpeg} followed`);
});

test('headers planted to have the same far places read again and again do not multiply what is read', () => {
  // Beginnings in every sector of the first 64 KiB lead into one chain over more pages than are kept.
  const jpeg = Buffer.alloc(60 * MIB);
  for (let at = 65_536; at + 65_540 < jpeg.length; at += 65_536) jpeg.writeUInt32BE(0xffe2fffe, at);
  for (let at = 0; at < 127 * 512; at += 512) {
    jpeg.writeUInt32BE(0xffd8ffe1, at);
    jpeg.writeUInt16BE(65_536 - at - 4, at + 4);
  }
  const pictures = new SparseSource(jpeg.length, [{ at: 0, bytes: jpeg }]);
  const carved = carve(pictures, undefined, { clusterGrid: null });
  assert.deepEqual(carved.problems.map(({ code }) => code), ['carving-work-limit']);
  assert.ok(pictures.readBytes < 10 * jpeg.length, `${pictures.readBytes} bytes read of ${jpeg.length}`);

  // The same with boxes, each of them in a page that is not kept; they begin files themselves, too.
  const stepBytes = 65_536;
  const boxes = Array.from({ length: 2_000 }, (_, place) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(place === 1_999 ? 7 : stepBytes);
    bytes.write('free', 4, 'latin1');
    return { at: place * stepBytes, bytes };
  });
  const movies = new SparseSource(boxes.length * stepBytes, boxes);
  let reads = 0;
  const readInto = movies.readInto.bind(movies);
  movies.readInto = (target, offset) => {
    reads += 1;
    return readInto(target, offset);
  };
  assert.deepEqual(carve(movies, undefined, { clusterGrid: null }).problems.map(({ code }) => code), ['carving-work-limit']);
  assert.ok(reads < 40_000, `${reads} reads of ${boxes.length} boxes`);
});

test('beginnings that share one long table are not each walked through it', () => {
  const box = (type: string, ...content: Buffer[]): Buffer => {
    const body = Buffer.concat(content);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + body.length);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, body]);
  };
  const numbers = (...values: number[]): Buffer => Buffer.concat(values.map((value) => Buffer.from(value.toString(16).padStart(8, '0'), 'hex')));
  const runs = 70_000;
  const table = Buffer.alloc(8 + runs * 12);
  table.writeUInt32BE(runs, 4);
  for (let run = 0; run < runs; run++) table.writeUInt32BE(1, 8 + run * 12);
  // Media data to the end of the file, after a movie whose tables must be read to say where that is, and do not.
  const stbl = box('stbl', box('stco', numbers(0, 1, 0)), box('stsc', table), box('stsz', numbers(0, 1, 1)));
  const movie = Buffer.concat([box('moov', box('mvhd', Buffer.alloc(100)), box('trak', box('mdia', box('minf', stbl)))), numbers(0), Buffer.from('mdat')]);
  const starts = 120;
  const space = Buffer.alloc(starts * 512 + movie.length + 4096);
  for (let at = 0; at < starts * 512; at += 512) {
    box('ftyp', Buffer.from('isomisom'), numbers(0)).copy(space, at);
    space.writeUInt32BE(starts * 512 - at - 20, at + 20);
    space.write('free', at + 24, 'latin1');
  }
  movie.copy(space, starts * 512);
  const { problems, summary } = carve(space, undefined, { clusterGrid: null });
  assert.deepEqual(problems.map(({ code }) => code), ['carving-work-limit']);
  assert.ok(summary.incomplete.mp4 > 10 && summary.incomplete.mp4 < starts, `${summary.incomplete.mp4} followed`);
});
