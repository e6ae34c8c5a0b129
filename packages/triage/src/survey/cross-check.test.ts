import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { makeRandom } from '@kerbside/corpus';
import { AccountedContent } from './accounted-content.ts';
import { classesOfName, classOfName } from './class-of-name.ts';
import { crossCheck } from './cross-check.ts';
import { CONTENT_CLASSES, type ContentClass } from './thermometer-facts.ts';
import { buildThermometer, noClassCounts } from './thermometer.ts';

const GIB = 1024 ** 3;
const DEVICE_BYTES = 500 * GIB;

/** Reads at places drawn by chance on a device whose shares are given; the rest is empty. */
function sample(shares: Partial<Record<ContentClass, number>>, reads: number, seed: number): Record<ContentClass, number> {
  const random = makeRandom(seed);
  const counts = noClassCounts();
  for (let read = 0; read < reads; read++) {
    let left = random.fraction();
    const met = CONTENT_CLASSES.find((one) => (left -= shares[one] ?? 0) < 0);
    counts[met ?? 'empty'] += 1;
  }
  return counts;
}

function account(...files: readonly (readonly [name: string, sizeBytes: number])[]): AccountedContent {
  const accounted = new AccountedContent();
  for (const [name, sizeBytes] of files) accounted.add(name, sizeBytes);
  return accounted;
}

test('a hidden partition of pictures: more pictures than any file system has', () => {
  const counts = sample({ picture: 0.1 + 0.02, other: 0.3 }, 3000, 1);
  const accounted = account(['p1/a.jpg', 0.02 * DEVICE_BYTES], ['p1/b.dat', 0.3 * DEVICE_BYTES]).shares(DEVICE_BYTES);
  const [first, ...more] = crossCheck(counts, accounted);
  assert.deepEqual([first?.class, more], ['picture', []]);
  assert.ok(first!.sampledLow > 0.1 && first!.sampledLow < 0.12 && Math.abs(first!.accountedShare - 0.02) < 1e-9);
});

test('an encrypted container: random bytes under a name that promises none, or under no name', () => {
  const counts = sample({ 'high-entropy': 0.08, other: 0.3 }, 3000, 2);
  for (const name of ['p1/backup.hc', 'p1/noname', 'p1/disk.vhd']) {
    assert.deepEqual(crossCheck(counts, account([name, 0.08 * DEVICE_BYTES]).shares(DEVICE_BYTES)).map((one) => one.class), ['high-entropy'], name);
  }
  for (const name of ['p1/film.mp4', 'p1/copy.7z', 'p1/photo.heic', 'hiberfil.sys']) {
    assert.deepEqual(crossCheck(counts, account([name, 0.08 * DEVICE_BYTES]).shares(DEVICE_BYTES)), [], name);
  }
});

test('few reads, few of the class, or a share inside the margin raise nothing', () => {
  const nothing = new AccountedContent().shares(DEVICE_BYTES);
  assert.deepEqual(crossCheck({ ...noClassCounts(), picture: 100 }, nothing), [], 'under 200 reads');
  assert.deepEqual(crossCheck({ ...noClassCounts(), picture: 19, empty: 200 }, nothing), [], 'under 20 of the class');
  assert.deepEqual(crossCheck({ ...noClassCounts(), picture: 250, empty: 9750 }, nothing).length, 1, '2.5 % of 10,000: the lower bound is 2.2 %');
  assert.deepEqual(crossCheck({ ...noClassCounts(), picture: 210, empty: 9790 }, nothing), [], '2.1 %: the lower bound is 1.8 %');
  assert.deepEqual(crossCheck({ ...noClassCounts(), video: 5000, document: 5000 }, nothing), [], 'other classes are not checked');
});

test('an ordinary device, all of it accounted for, raises nothing in 400 samples', () => {
  const accounted = account(['a.jpg', 0.25 * DEVICE_BYTES], ['b.mp4', 0.3 * DEVICE_BYTES], ['c.zip', 0.1 * DEVICE_BYTES]).shares(DEVICE_BYTES);
  for (let seed = 0; seed < 400; seed++) assert.deepEqual(crossCheck(sample({ picture: 0.255, 'high-entropy': 0.35, compressed: 0.05 }, 300 + seed * 10, seed), accounted), []);
});

test('more accounted for never raises more', () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.nat(2000), fc.nat(5000), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (picture, random, empty, a, b) => {
      const counts = { ...noClassCounts(), picture, 'high-entropy': random, empty };
      const raised = (share: number): number => crossCheck(counts, { ...noClassCounts(), picture: share, 'high-entropy': share }).length;
      assert.ok(raised(Math.max(a, b)) <= raised(Math.min(a, b)));
    }),
  );
});

test('names: the ending decides, whatever its case; what may hide something promises nothing', () => {
  const names = ['IMG_1.JPG', 'p1/a.b/film.MP4', 'letter.docx', 'backup.tar.gz', 'song.mp3', 'vault.hc', 'README', '.bashrc', 'ends.', 'a.dd', 'setup.exe'];
  assert.deepEqual(names.map(classOfName), ['picture', 'video', 'document', 'compressed', 'compressed', 'other', 'other', 'other', 'other', 'other', 'other']);
  assert.deepEqual(classesOfName('clip.mov'), ['video', 'picture', 'compressed', 'high-entropy']);
});

test('the thermometer: one row a class in order, shares of what was read, unreadable reads apart', () => {
  const thermometer = buildThermometer({ ...noClassCounts(), picture: 41, video: 12, empty: 47 }, 3, []);
  assert.deepEqual(thermometer.shares.map((row) => row.class), CONTENT_CLASSES);
  assert.deepEqual([thermometer.reads, thermometer.unreadable, thermometer.shares[0]!.share], [100, 3, 0.41]);
  assert.ok(Math.abs(thermometer.shares[0]!.low - 0.3187) < 1e-4 && Math.abs(thermometer.shares[0]!.high - 0.5080) < 1e-4);
  const none = buildThermometer(noClassCounts(), 8, []);
  assert.deepEqual(none.shares.map((row) => [row.share, row.low, row.high]), CONTENT_CLASSES.map(() => [0, 0, 1]));
});
