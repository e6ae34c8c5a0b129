import assert from 'node:assert/strict';
import test from 'node:test';
import { makeMedia, makePicture } from '@kerbside/corpus';
import { carve } from './test-carve.ts';

const picture = makePicture({ kind: 'jpeg', seed: 9, widthPx: 160, heightPx: 120, grain: 0.4 });
const other = makePicture({ kind: 'jpeg', seed: 10, widthPx: 80, heightPx: 60, grain: 0.4 });

function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

/** The picture with segments right after SOI. */
function withSegments(...segments: readonly Buffer[]): Buffer {
  return Buffer.concat([picture.subarray(0, 2), ...segments, picture.subarray(2)]);
}

/** End of the first item at the start of the space, -1 without one. */
function endOf(file: Buffer, after = Buffer.alloc(8192)): number {
  return carve(Buffer.concat([file, after])).items.find(({ start }) => start === 0)?.end ?? -1;
}

test('a thumbnail inside a segment is neither the end nor a file of its own', () => {
  const file = withSegments(segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), Buffer.alloc(512 - 12), other])));
  // The thumbnail stands on a sector.
  assert.equal(file.indexOf(other) % 512, 0);
  const { items } = carve(Buffer.concat([file, Buffer.alloc(4096)]));
  assert.deepEqual(items.map(({ start, end }) => [start, end]), [[0, file.length]]);
});

function mpf(order: 'II' | 'MM', pictures: readonly (readonly [length: number, offset: number])[]): Buffer {
  const bytes = Buffer.alloc(4 + 8 + 2 + 12 + 4 + pictures.length * 16);
  const u32 = (value: number, at: number): unknown => (order === 'II' ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at));
  const u16 = (value: number, at: number): unknown => (order === 'II' ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at));
  bytes.write('MPF\0', 0, 'latin1');
  bytes.write(order === 'II' ? 'II*\0' : 'MM\0*', 4, 'latin1');
  u32(8, 8);
  u16(1, 12);
  u16(0xb002, 14);
  u16(7, 16);
  u32(pictures.length * 16, 18);
  u32(26, 22);
  for (const [place, [length, offset]] of pictures.entries()) {
    u32(length, 30 + place * 16 + 4);
    u32(offset, 30 + place * 16 + 8);
  }
  return bytes;
}

for (const order of ['II', 'MM'] as const) {
  test(`further pictures that an MPF segment names belong to the file (${order})`, () => {
    const bytes = (offset: number): Buffer => withSegments(segment(0xe2, mpf(order, [[picture.length, 0], [other.length, offset]])));
    const first = bytes(1);
    // Offsets count from the TIFF header: after SOI, marker, length and `MPF\0`.
    const made = Buffer.concat([bytes(first.length - 10), other]);
    assert.equal(endOf(made), made.length);
    // A picture that is not there, or cut off: the first is a whole picture by itself.
    assert.equal(endOf(bytes(first.length - 10)), first.length);
    assert.equal(endOf(made.subarray(0, made.length - 5)), first.length);
    for (const offset of [0, 5, 0xffffffff]) assert.equal(endOf(Buffer.concat([bytes(offset), other])), first.length);
  });
}

test('a video behind the picture belongs to the file when it is whole', () => {
  const video = makeMedia({ kind: 'mp4', seed: 1, widthPx: 32, heightPx: 32 });
  assert.equal(endOf(Buffer.concat([picture, video])), picture.length + video.length);
  assert.equal(endOf(Buffer.concat([picture, video.subarray(0, video.length - 1)]), Buffer.alloc(0)), picture.length);
});

const scanStart = picture.indexOf(Buffer.from([0xff, 0xda])) + 14;
const scan = picture.subarray(scanStart, picture.length - 2);
const head = picture.subarray(0, picture.indexOf(Buffer.from([0xff, 0xda])));

/** Pieces of scan data with restart markers between them. */
function restarts(...numbers: readonly number[]): Buffer {
  const pieces = numbers.map((number) => Buffer.concat([Buffer.from([1, 2, 3, 0xff, 0x00, 4]), Buffer.from([0xff, 0xd0 + number])]));
  return Buffer.concat([...pieces, Buffer.from([5, 6])]);
}

test('restart markers count on from 0 to 7, and stand only where they were announced', () => {
  const interval = segment(0xdd, Buffer.from([0, 4]));
  const sos = picture.subarray(head.length, scanStart);
  const eoi = picture.subarray(-2);
  const file = (announced: boolean, ...numbers: readonly number[]): Buffer => Buffer.concat([head, announced ? interval : Buffer.alloc(0), sos, restarts(...numbers), eoi]);
  const long = Array.from({ length: 40 }, (_, number) => number % 8);
  assert.equal(endOf(file(true, ...long)), file(true, ...long).length);
  assert.equal(endOf(file(false, 0, 1)), -1);
  assert.equal(endOf(file(true, 0, 2)), -1);
  assert.equal(endOf(file(true, 1)), -1);
  assert.equal(endOf(file(false)), file(false).length);
});

test('scans of a progressive picture follow each other, each with the tables it needs', () => {
  const progressive = Buffer.from(head);
  progressive[progressive.indexOf(Buffer.from([0xff, 0xc0])) + 1] = 0xc2;
  const sos = (...bytes: readonly number[]): Buffer => segment(0xda, Buffer.from(bytes));
  const file = (...scans: readonly Buffer[]): Buffer => Buffer.concat([progressive, ...scans.flatMap((each) => [each, Buffer.from([1, 2, 3])]), Buffer.from([0xff, 0xd9])]);
  const dc = sos(3, 1, 0, 2, 0, 3, 0, 0, 0, 1);
  const whole = file(dc, sos(1, 1, 0, 1, 5, 2), sos(1, 2, 0, 1, 63, 1), sos(3, 1, 0, 2, 0, 3, 0, 0, 0, 0x10));
  assert.equal(endOf(whole), whole.length);
  assert.equal(endOf(file(dc, sos(1, 1, 3, 1, 5, 2))), -1);
  assert.equal(endOf(file(dc, sos(1, 9, 0, 1, 5, 2))), -1);
  assert.equal(endOf(file(dc, sos(1, 1, 0, 6, 5, 2))), -1);
});

test('fill bytes before a marker are no fault, a scan without data is', () => {
  const filled = Buffer.concat([picture.subarray(0, -2), Buffer.from([0xff, 0xff, 0xff]), picture.subarray(-1)]);
  assert.equal(endOf(filled), filled.length);
  assert.equal(endOf(Buffer.concat([picture.subarray(0, scanStart), picture.subarray(-2)])), -1);
});

test('markers are found wherever they fall on the pages that are read', () => {
  const MIB = 1024 ** 2;
  for (let shift = -4; shift <= 4; shift++) {
    // The end marker, then a stuffed byte, around the end of a page.
    const file = Buffer.concat([head, segment(0xfe, Buffer.alloc(60_000)), picture.subarray(head.length)]);
    const start = MIB - file.length + 2 + shift;
    const space = Buffer.concat([Buffer.alloc(start), file, Buffer.alloc(MIB)]);
    const found = carve(space, undefined, { clusterGrid: { offset: start, sizeBytes: 4096 }, sectorSizeBytes: 0 }).items;
    assert.deepEqual(found.map((each) => [each.start, each.end]), [[start, start + file.length]], `shift ${shift}`);
    const stuffed = scan.indexOf(Buffer.from([0xff, 0x00]), 200);
    const from = MIB - scanStart - stuffed + shift;
    const inside = Buffer.concat([Buffer.alloc(from), picture, Buffer.alloc(MIB)]);
    assert.equal(carve(inside, undefined, { clusterGrid: { offset: from, sizeBytes: 4096 }, sectorSizeBytes: 0 }).items[0]?.end, from + picture.length, `shift ${shift}`);
  }
});

test('tables and headers that cannot be are the end of it', () => {
  const faults: readonly (readonly [string, (file: Buffer) => void])[] = [
    ['width 0', (file) => file.writeUInt16BE(0, file.indexOf(Buffer.from([0xff, 0xc0])) + 7)],
    ['height 0 and no DNL', (file) => file.writeUInt16BE(0, file.indexOf(Buffer.from([0xff, 0xc0])) + 5)],
    ['precision 9', (file) => file.writeUInt8(9, file.indexOf(Buffer.from([0xff, 0xc0])) + 4)],
    ['sampling 5', (file) => file.writeUInt8(0x51, file.indexOf(Buffer.from([0xff, 0xc0])) + 11)],
    ['a quantiser 0', (file) => file.writeUInt8(0, file.indexOf(Buffer.from([0xff, 0xdb])) + 20)],
    ['three codes of one bit', (file) => file.writeUInt8(3, file.indexOf(Buffer.from([0xff, 0xc4])) + 5)],
    ['a table number 4', (file) => file.writeUInt8(4, file.indexOf(Buffer.from([0xff, 0xc4])) + 4)],
    ['a scan of a component that is not there', (file) => file.writeUInt8(9, file.indexOf(Buffer.from([0xff, 0xda])) + 5)],
    ['a scan with a table that is not there', (file) => file.writeUInt8(0x30, file.indexOf(Buffer.from([0xff, 0xda])) + 6)],
    ['a marker that means nothing', (file) => file.writeUInt8(0x05, file.indexOf(Buffer.from([0xff, 0xdb])) + 1)],
    ['a segment shorter than its length', (file) => file.writeUInt16BE(1, file.indexOf(Buffer.from([0xff, 0xdb])) + 2)],
  ];
  assert.equal(endOf(picture), picture.length);
  for (const [name, spoil] of faults) {
    const file = Buffer.from(picture);
    spoil(file);
    assert.equal(endOf(file), -1, name);
  }
});
