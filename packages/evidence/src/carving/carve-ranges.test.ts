import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { makeDocument, makeMedia, makePicture, makeRandom, type Random } from '@kerbside/corpus';
import { displayPath } from '../display-name.ts';
import { carve, SparseSource } from './test-carve.ts';

const CLUSTER = 4096;
const MIB = 1024 ** 2;

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function toCluster(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((CLUSTER - (bytes.length % CLUSTER)) % CLUSTER)]);
}

function noise(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  random.fill(bytes);
  return bytes;
}

/** What lies between deleted pictures: noise, text, zeros, beginnings without an end, noise that begins like a file. */
function filler(random: Random, seed: number, picture: Buffer): Buffer {
  const length = (1 + random.below(12)) * CLUSTER;
  switch (random.below(6)) {
    case 0:
      return noise(random, length);
    case 1:
      return makeDocument('text', seed, length);
    case 2:
      return Buffer.alloc(length);
    case 3:
      return Buffer.concat([picture.subarray(0, Math.floor(picture.length / 2)), noise(random, length)]);
    case 4:
      return Buffer.concat([picture.subarray(0, Math.floor(picture.length / 3)), makeDocument('csv', seed, length)]);
    default: {
      const bytes = noise(random, length);
      const heads = ['ffd8ffe000104a46494600', 'ffd8ffdb', '89504e470d0a1a0a0000000d49484452', '474946383961', '52494646ffff000057454250', '00000018667479706d703432', '5249464600100000415649204c495354'];
      for (let at = 0; at < length; at += CLUSTER) Buffer.from(random.pick(heads), 'hex').copy(bytes, at);
      return bytes;
    }
  }
}

test('600 deleted pictures among noise, text and remains are all found, byte for byte, and nothing else', () => {
  const random = makeRandom(20_261);
  const parts: Buffer[] = [];
  const planted = new Set<string>();
  for (let seed = 0; seed < 600; seed++) {
    const kind = seed % 10 === 0 ? 'png' : seed % 10 === 5 ? 'gif' : 'jpeg';
    const picture = makePicture({ kind, seed, widthPx: 48 + random.below(300), heightPx: 48 + random.below(200), grain: random.fraction() * 0.6 });
    planted.add(sha256(picture));
    parts.push(toCluster(filler(random, seed, picture)), toCluster(picture));
  }
  const space = Buffer.concat(parts);
  const { items, problems, summary } = carve(space);
  const found = items.map(({ start, end }) => sha256(space.subarray(start, end)));
  assert.equal(planted.size, 600);
  assert.deepEqual([...planted].filter((digest) => !found.includes(digest)), []);
  assert.deepEqual(found.filter((digest) => !planted.has(digest)), []);
  assert.deepEqual(problems, []);
  assert.equal(summary.found.jpeg + summary.found.png + summary.found.gif, 600);
  assert.ok(summary.incomplete.jpeg > 50 && summary.incomplete.png > 5 && summary.incomplete.gif > 5, JSON.stringify(summary.incomplete));
  assert.equal(summary.bytesSearched, space.length);
  const starts = items.map(({ start }) => start);
  assert.deepEqual(starts, starts.toSorted((a, b) => a - b));
});

test('a carved item is an item like others, named by its place on the source', () => {
  const picture = makePicture({ kind: 'jpeg', seed: 1, widthPx: 64, heightPx: 64 });
  const { items } = carve(new SparseSource(4 * MIB, [{ at: 2 * MIB, bytes: picture }]));
  const { item } = items[0]!;
  assert.equal(displayPath('p1', item), 'p1/\\[carved]/0000002097152.jpg');
  assert.deepEqual(item.content, { form: 'extents', extents: [{ kind: 'data', sourceOffset: 2 * MIB, length: picture.length }] });
  assert.deepEqual([item.kind, item.state, item.id, item.sizeBytes, item.recovery, item.partial], ['file', 'carved', '2097152', picture.length, { basis: 'carved' }, false]);
});

test('a file that goes on in the next free range is found where the two touch, and not across a gap', () => {
  const picture = makePicture({ kind: 'jpeg', seed: 2, widthPx: 300, heightPx: 300, grain: 0.5 });
  const space = Buffer.concat([Buffer.alloc(CLUSTER), toCluster(picture), Buffer.alloc(CLUSTER)]);
  const middle = 2 * CLUSTER;
  const touching = carve(space, [{ offset: 0, length: middle }, { offset: middle, length: space.length - middle }]);
  assert.deepEqual(touching.items.map(({ start, end }) => [start, end]), [[CLUSTER, CLUSTER + picture.length]]);
  const apart = carve(space, [{ offset: 0, length: middle }, { offset: middle + 512, length: space.length - middle - 512 }]);
  assert.deepEqual([apart.items.length, apart.summary.incomplete.jpeg], [0, 1]);
});

test('sectors between clusters are searched, but clusters come first', () => {
  const picture = makePicture({ kind: 'jpeg', seed: 3, widthPx: 120, heightPx: 90 });
  const video = makeMedia({ kind: 'mp4', seed: 3, widthPx: 200, heightPx: 200, frames: 6 });
  const space = Buffer.alloc(40 * CLUSTER);
  picture.copy(space, 512);
  assert.deepEqual(carve(space).items.map(({ start }) => start), [512]);
  assert.deepEqual(carve(space, undefined, { sectorSizeBytes: 0 }).items, []);
  assert.deepEqual(carve(space, undefined, { clusterGrid: { offset: 512, sizeBytes: CLUSTER }, sectorSizeBytes: 0 }).items.map(({ start }) => start), [512]);
  // What begins off the grid states a length that covers a picture on the grid: it was overwritten by it.
  video.copy(space, 512);
  picture.copy(space, 2 * CLUSTER);
  assert.ok(video.length > 3 * CLUSTER);
  assert.deepEqual(carve(space).items.map(({ start }) => start), [2 * CLUSTER]);
  // Without a grid the first that is whole wins.
  assert.deepEqual(carve(space, undefined, { clusterGrid: null }).items.map(({ start }) => start), [512]);
});

test('each free byte is read once, media data hardly at all, and pauses tell how far it is', () => {
  const picture = makePicture({ kind: 'jpeg', seed: 4, widthPx: 600, heightPx: 600, grain: 0.5 });
  const parts = Array.from({ length: 40 }, (_, place) => ({ at: place * MIB + place * CLUSTER, bytes: picture }));
  const pictures = new SparseSource(64 * MIB, parts);
  const found = carve(pictures);
  assert.equal(found.items.length, 40);
  assert.equal(pictures.readBytes, 64 * MIB);
  assert.ok(found.pauses >= 8, `${found.pauses} pauses`);

  const movie = makeMedia({ kind: 'mp4', seed: 4, widthPx: 64, heightPx: 64, frames: 1 });
  const mdat = movie.indexOf('mdat');
  movie.writeUInt32BE(900 * MIB, mdat - 4);
  const long = new SparseSource(1024 * MIB, [{ at: 0, bytes: movie }]);
  const video = carve(long);
  assert.deepEqual(video.items.map(({ start, end }) => [start, end]), [[0, mdat - 4 + 900 * MIB]]);
  assert.ok(long.readBytes < 130 * MIB, `${long.readBytes} bytes read`);
});

test('small free ranges close together are read in one go, and what lies between them is not searched', () => {
  const picture = makePicture({ kind: 'gif', seed: 5, widthPx: 20, heightPx: 20 });
  assert.ok(picture.length < CLUSTER);
  const parts = Array.from({ length: 256 }, (_, cluster) => ({ at: cluster * CLUSTER, bytes: picture }));
  const source = new SparseSource(MIB, parts);
  const { items } = carve(source, Array.from({ length: 128 }, (_, pair) => ({ offset: pair * 2 * CLUSTER, length: CLUSTER })));
  assert.deepEqual(items.map(({ start }) => start), Array.from({ length: 128 }, (_, pair) => pair * 2 * CLUSTER));
  assert.equal(source.readBytes, MIB - CLUSTER);
});

test('unreadable free space is told by its ranges, and no file is made of it', () => {
  const picture = makePicture({ kind: 'jpeg', seed: 6, widthPx: 300, heightPx: 300, grain: 0.5 });
  const bad = [
    { offset: 8192 + 1024, length: 512 },
    { offset: MIB - 4096, length: 8192 },
    { offset: 3 * MIB + 100, length: 300 },
  ];
  const source = new SparseSource(4 * MIB, [{ at: 8192, bytes: picture }, { at: 2 * MIB, bytes: picture }], bad);
  const { items, problems, summary } = carve(source);
  assert.deepEqual(items.map(({ start }) => start), [2 * MIB]);
  assert.deepEqual(summary.unreadable, bad);
  assert.equal(summary.unreadableBytes, 512 + 8192 + 300);
  assert.deepEqual(problems.map(({ kind, code, where }) => [kind, code, where]), bad.map((range) => ['medium', 'carving-unreadable', { volume: 'p1', ...range }]));
  // The same inside a volume: only its own part, in offsets of the source.
  const part = carve(source, [{ offset: MIB, length: MIB }]);
  assert.deepEqual(part.summary.unreadable, [{ offset: MIB, length: 4096 }]);
});
