import assert from 'node:assert/strict';
import test from 'node:test';
import { makeMedia, MEDIA_KINDS, makePicture, makeRandom, type MediaOptions } from '@kerbside/corpus';
import { carve } from './test-carve.ts';

const SIZE = { seed: 5, widthPx: 48, heightPx: 40 };

const FILES: readonly (readonly [string, string, Buffer])[] = [
  ...(['jpeg', 'png', 'gif'] as const).map((kind) => [kind, kind === 'jpeg' ? 'jpg' : kind, makePicture({ kind, ...SIZE, grain: 0.5 })] as const),
  ...MEDIA_KINDS.map((kind) => [kind, kind === 'opendml' ? 'avi' : kind, makeMedia({ kind, ...SIZE, frames: 4 })] as const),
  ...([
    { kind: 'mp4', mediaLength: 'open' },
    { kind: 'mp4', mediaFirst: true, mediaLength: 'long' },
    { kind: 'mov', mediaFirst: false, mediaLength: 'short' },
  ] as const).map((options: Pick<MediaOptions, 'kind' | 'mediaLength' | 'mediaFirst'>) => [JSON.stringify(options), options.kind, makeMedia({ ...SIZE, frames: 4, ...options })] as const),
];

const random = makeRandom(1);
const NOISE = Buffer.alloc(24_576);
random.fill(NOISE);
// Noise that no structure could go on into by chance: its first bytes are not what could stand after a file.
NOISE.fill(0xee, 0, 16);

for (const [name, extension, file] of FILES) {
  test(`${name}: found whole at the end of the space, before zeros, before noise and before another file`, () => {
    for (const after of [Buffer.alloc(0), Buffer.alloc(10_000), NOISE, file]) {
      const { items } = carve(Buffer.concat([Buffer.alloc(4096), file, after]), undefined, { clusterGrid: null });
      assert.deepEqual([items[0]?.start, items[0]?.end], [4096, 4096 + file.length], `${after.length} bytes after it`);
      assert.ok(items[0]!.name.endsWith(`.${extension}`), items[0]!.name);
    }
  });

  test(`${name}: cut off by the end of the free space, wherever, it is not called whole`, () => {
    // An OpenDML file that ends with its first part, or before the second can be told, is a whole shorter file.
    const firstPart = name === 'opendml' ? 8 + file.readUInt32LE(4) : -1;
    for (let length = file.length - 1; length > 0; length -= length < 2000 || length > file.length - 400 ? 1 : 37) {
      if (length >= firstPart && length < firstPart + 12) continue;
      const { items, problems } = carve(file.subarray(0, length));
      assert.deepEqual([items.filter(({ start }) => start === 0).length, problems.length], [0, 0], `cut at ${length} of ${file.length}`);
    }
  });
}

/** Kinds whose content is checked, and not only its length. */
for (const [name, , file] of FILES.slice(0, 3)) {
  test(`${name}: with zeros, noise or text from any cluster on it is not called whole`, () => {
    const picture = makePicture({ kind: name as 'jpeg' | 'png' | 'gif', ...SIZE, widthPx: 400, heightPx: 300, grain: 0.5 });
    const text = Buffer.from('United 2, Rovers 1: a late goal from the edge of the box. '.repeat(400));
    assert.ok(picture.length > 20_000 && file.length < picture.length);
    for (let cut = 512; cut < picture.length; cut += 512) {
      for (const rest of [Buffer.alloc(16_384), NOISE, text]) {
        const space = Buffer.concat([picture.subarray(0, cut), ...Array.from({ length: 4 }, () => rest)]);
        assert.equal(carve(space).items.filter(({ start }) => start === 0).length, 0, `from ${cut} on`);
      }
    }
  });
}

test('a PNG with one bit changed is not called whole, whichever it is', () => {
  const file = FILES[1]![2];
  for (let bit = 0; bit < file.length * 8; bit += 7) {
    const changed = Buffer.from(file);
    changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
    assert.deepEqual(carve(changed).items, [], `bit ${bit}`);
  }
});

test('a GIF whose data ends before its last pixel, or goes on past it, is not called whole', () => {
  const file = FILES[2]![2];
  // 13 of header, the palette, 10 of descriptor, the code size; then blocks of 255.
  const dataAt = 13 + 768 + 11;
  const blocks = Math.floor((file.length - dataAt) / 256);
  assert.ok(blocks > 3);
  for (let kept = 0; kept < blocks; kept++) {
    const short = Buffer.concat([file.subarray(0, dataAt + kept * 256), Buffer.from([0, 0x3b])]);
    assert.deepEqual(carve(short).items, [], `${kept} blocks`);
  }
  const lower = Buffer.from(file);
  lower.writeUInt16LE(SIZE.heightPx - 1, 13 + 768 + 7);
  assert.deepEqual(carve(lower).items, []);
});

test('an index that names frames where none stand: an AVI in pieces is not called whole', () => {
  const file = makeMedia({ kind: 'avi', ...SIZE, widthPx: 200, heightPx: 160, frames: 12 });
  const broken = Buffer.from(file);
  broken.fill(0x20, 40_960 % file.length, (40_960 % file.length) + 8192);
  assert.equal(carve(file).items.length, 1);
  assert.equal(carve(broken).items.length, 0);
});

test('a movie whose tables point outside its media data is not called whole', () => {
  const file = makeMedia({ kind: 'mp4', ...SIZE, frames: 4 });
  const table = file.indexOf('stco') + 12;
  for (const offset of [0, 40, file.length, 0xffffffff]) {
    const broken = Buffer.from(file);
    broken.writeUInt32BE(offset, table + 8);
    assert.equal(carve(broken).items.length, 0, `offset ${offset}`);
  }
});
