import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { makeDocument, makePicture, makeRandom } from '@kerbside/corpus';
import { classifyContent } from './classify-content.ts';
import type { ContentClass } from './thermometer-facts.ts';
import { noClassCounts } from './thermometer.ts';

const KIB = 1024;
const PIECES = 400;
const SAMPLES = contentSamples();

/**
 * Least share of pieces of 16 KiB in each class or set of classes. Coded data without a frame in the
 * piece may be either of two classes, and is then bounded by their sum.
 */
const BOUNDS: readonly (readonly [sample: RegExp, classes: readonly ContentClass[], least: number])[] = [
  [/^JPEG/, ['picture'], 0.98],
  [/^GIF/, ['picture'], 0.98],
  [/^PNG/, ['picture'], 0.98],
  [/^(text|CSV|HTML|RTF|small texts)/, ['document'], 0.98],
  [/^gzip/, ['compressed', 'high-entropy'], 0.98],
  [/^ZIP/, ['compressed'], 0.95],
  [/^table/, ['other'], 0.98],
  [/^random/, ['high-entropy'], 0.999],
];

test('the confusion matrix at 16 KiB keeps its bounds', (t) => {
  for (const sample of SAMPLES) {
    const pieces = sample.name === 'random' ? 8000 : PIECES;
    const counts = classifyPieces(sample, 16 * KIB, pieces, 1);
    t.diagnostic(`${sample.name}: ${matrixRow(counts, pieces)}`);
    const [, classes, least] = BOUNDS.find(([name]) => name.test(sample.name))!;
    const right = classes.reduce((sum, one) => sum + counts[one], 0);
    assert.ok(right >= pieces * least, `${sample.name}: ${matrixRow(counts, pieces)}`);
    if (!classes.includes('picture')) assert.ok(counts.picture <= pieces * 0.001, `${sample.name} called picture: ${counts.picture} of ${pieces}`);
  }
});

test('smaller and larger pieces: JPEG stays a picture, random stays high-entropy and is no picture', () => {
  for (const [kib, least] of [[4, 0.9], [64, 0.98]] as const) {
    for (const sample of SAMPLES.filter(({ name }) => name.startsWith('JPEG'))) {
      if (sample.bytes.length < 100 * KIB) continue;
      const counts = classifyPieces(sample, kib * KIB, PIECES, 2);
      assert.ok(counts.picture >= PIECES * least, `${sample.name} at ${kib} KiB: ${matrixRow(counts, PIECES)}`);
    }
    const counts = classifyPieces(SAMPLES.find(({ name }) => name === 'random')!, kib * KIB, 4000, 3);
    assert.ok(counts['high-entropy'] >= 3996 && counts.picture <= 4, `random at ${kib} KiB: ${matrixRow(counts, 4000)}`);
  }
});

test('video where ffmpeg is installed: most pieces of 64 KiB hold lengths or packets', (t) => {
  const samples = videoSamples();
  if (samples.length === 0) return t.skip('ffmpeg is not installed (Debian package ffmpeg)');
  for (const sample of samples) {
    const counts = classifyPieces(sample, 64 * KIB, PIECES, 4);
    t.diagnostic(`${sample.name}: ${matrixRow(counts, PIECES)}`);
    assert.ok(counts.video >= PIECES * 0.7, `${sample.name}: ${matrixRow(counts, PIECES)}`);
    assert.ok(counts.picture + counts.document <= PIECES * 0.01, `${sample.name}: ${matrixRow(counts, PIECES)}`);
  }
});

test('heads of files, one value throughout, and slack behind a short file', () => {
  const small = makePicture({ kind: 'jpeg', seed: 1, widthPx: 320, heightPx: 240 });
  const inCluster = (file: Uint8Array): Buffer => Buffer.concat([file, Buffer.alloc(16 * KIB)], 16 * KIB);
  const classes = [
    Buffer.alloc(4096),
    Buffer.alloc(65_536, 0xff),
    inCluster(small),
    inCluster(makePicture({ kind: 'png', seed: 1, widthPx: 40, heightPx: 30 })),
    inCluster(Buffer.from('Full time at Millbrook United, two all.\n'.repeat(9))),
    inCluster(Buffer.from('%PDF-1.7\n%âãÏÓ\n', 'latin1')),
    inCluster(Buffer.from('\0\0\0\u0018ftypheic\0\0\0\0mif1heic', 'latin1')),
    inCluster(Buffer.from('\0\0\0\u0018ftypisom\0\0\0\0mp41avc1', 'latin1')),
    inCluster(Buffer.from('d0cf11e0a1b11ae1', 'hex')),
    inCluster(Buffer.from('7z¼¯\'\u001c\0\u0004', 'latin1')),
    Buffer.from('GGGG'.repeat(4096)),
  ].map(classifyContent);
  assert.deepEqual(classes, ['empty', 'empty', 'picture', 'picture', 'document', 'document', 'picture', 'video', 'document', 'compressed', 'empty']);
});

test('any bytes at any length and alignment get one class, always the same', () => {
  const memory = new Uint8Array(70_000);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(65_536), fc.nat(7), (bytes, length, shift) => {
      // Repeated to its length, the content takes every form that random bytes alone never have.
      const piece = memory.subarray(shift, shift + length);
      for (let at = 0; at < length && bytes.length > 0; at += bytes.length) piece.set(bytes.subarray(0, Math.min(bytes.length, length - at)), at);
      assert.equal(classifyContent(piece), classifyContent(Uint8Array.from(piece)));
    }),
    { numRuns: 300 },
  );
});

test('a scan with one wrong FF early on is none; with its end past the middle it is one', () => {
  const jpeg = makePicture({ kind: 'jpeg', seed: 2, widthPx: 1200, heightPx: 900, grain: 0.6 });
  const piece = Buffer.from(jpeg.subarray(40_000, 40_000 + 16 * KIB));
  assert.equal(classifyContent(piece), 'picture');
  const broken = Buffer.from(piece);
  broken.set([0xff, 0x3c], 200);
  assert.notEqual(classifyContent(broken), 'picture');
  const ended = Buffer.concat([piece.subarray(0, 12_000), Buffer.from([0xff, 0xd9]), randomBytes(3, 4000)]);
  assert.equal(classifyContent(ended), 'picture');
});

function matrixRow(counts: Readonly<Record<ContentClass, number>>, pieces: number): string {
  return Object.entries(counts).filter(([, count]) => count > 0).map(([name, count]) => `${name} ${((count / pieces) * 100).toFixed(2)} %`).join(', ');
}

/** Content of one kind, to be cut anywhere. */
interface ContentSample {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Generated benign content of the kinds that the classes are for. */
function contentSamples(): ContentSample[] {
  const jpegs = [0.05, 0.2, 0.6, 1].map((grain, seed) => ({ name: `JPEG, grain ${grain}`, bytes: makePicture({ kind: 'jpeg', seed, widthPx: grain < 0.2 ? 3000 : 1600, heightPx: grain < 0.2 ? 2000 : 1200, grain }) }));
  const text = makeDocument('text', 7, 600_000);
  return [
    ...jpegs,
    { name: 'GIF', bytes: makePicture({ kind: 'gif', seed: 5, widthPx: 800, heightPx: 600 }) },
    { name: 'PNG in chunks', bytes: chunkedPng(makePicture({ kind: 'png', seed: 6, widthPx: 800, heightPx: 600 })) },
    { name: 'text', bytes: text },
    { name: 'text, UTF-16', bytes: Buffer.from(text.toString('utf8'), 'utf16le') },
    { name: 'CSV', bytes: makeDocument('csv', 8, 300_000) },
    { name: 'HTML', bytes: makeDocument('html', 9, 300_000) },
    { name: 'RTF', bytes: makeDocument('rtf', 10, 300_000) },
    { name: 'small texts in clusters', bytes: clusteredTexts() },
    { name: 'gzip of text', bytes: gzipSync(Buffer.concat(Array.from({ length: 8 }, (_, seed) => makeDocument('csv', seed + 20, 800_000)))) },
    { name: 'ZIP of small texts', bytes: zipOfTexts() },
    { name: 'table of numbers', bytes: numberTable() },
    { name: 'random', bytes: randomBytes(11, 16 * 1024 * 1024) },
  ];
}

/** Random enough for any test of bytes: HMAC-SHA-512 of a counter. */
function randomBytes(seed: number, sizeBytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let counter = 0; counter * 64 < sizeBytes; counter++) parts.push(createHmac('sha512', `seed ${seed}`).update(String(counter)).digest());
  return Buffer.concat(parts, sizeBytes);
}

/** A picture as cameras and browsers write it: image data in chunks of 8 KiB. */
function chunkedPng(png: Buffer): Buffer {
  const at = png.indexOf('IDAT');
  const data = png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
  const chunks: Buffer[] = [png.subarray(0, at - 4)];
  for (let from = 0; from < data.length; from += 8192) {
    const part = data.subarray(from, from + 8192);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(part.length, 0);
    head.write('IDAT', 4, 'latin1');
    // CRCs left wrong would still look like chunks where the piece ends; here they end up in the piece.
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(crcOf(Buffer.concat([head.subarray(4), part])), 0);
    chunks.push(head, part, crc);
  }
  return Buffer.concat(chunks);
}

/** CRC-32 as ISO 3309 has it, bit by bit: not by the code under test. */
function crcOf(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}

function clusteredTexts(): Buffer {
  return Buffer.concat(Array.from({ length: 100 }, (_, seed) => Buffer.concat([makeDocument('text', seed, 2400), Buffer.alloc(4096)], 4096)));
}

function zipOfTexts(): Buffer {
  return Buffer.concat(
    Array.from({ length: 200 }, (_, seed) => {
      const data = deflateRawSync(makeDocument('text', seed, 9000));
      const name = Buffer.from(`reports/match-${seed}.txt`);
      const head = Buffer.alloc(30);
      head.writeUInt32LE(0x04034b50, 0);
      head.writeUInt16LE(20, 4);
      head.writeUInt16LE(8, 8);
      head.writeUInt32LE(data.length, 18);
      head.writeUInt32LE(9000, 22);
      head.writeUInt16LE(name.length, 26);
      return Buffer.concat([head, name, data]);
    }),
  );
}

/** Records of 24 bytes with small numbers, addresses and full words, as programs and databases keep them. */
function numberTable(): Buffer {
  const random = makeRandom(12);
  const table = Buffer.alloc(24 * 40_000);
  for (let at = 0; at < table.length; at += 24) {
    table.writeUInt32LE(random.below(5000), at);
    table.writeInt32LE(random.chance(0.3) ? -1 : random.below(100), at + 4);
    table.writeUInt32LE(0x0647_0000 + random.below(0xffff), at + 8);
    table.writeUInt32LE(8, at + 16);
    table.writeFloatLE(random.fraction() * 100, at + 20);
  }
  return table;
}

/** Short films of a test picture, where ffmpeg is installed. */
function videoSamples(): ContentSample[] {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-video-'));
  try {
    return [['MP4, AVC', 'a.mp4', '-c:v', 'libx264'], ['Matroska, AVC', 'a.mkv', '-c:v', 'libx264'], ['MPEG-TS', 'a.ts', '-c:v', 'libx264'], ['MPEG-PS', 'a.mpg', '-c:v', 'mpeg2video']].flatMap(([name, file, ...codec]) => {
      const path = join(folder, file!);
      const run = spawnSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25', '-t', '5', ...codec, '-b:v', '1M', path]);
      return run.status === 0 ? [{ name: name!, bytes: readFileSync(path) }] : [];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Classes of pieces cut at places drawn by chance, the head of the file left out. */
function classifyPieces(sample: ContentSample, pieceBytes: number, pieces: number, seed: number): Record<ContentClass, number> {
  const random = makeRandom(seed);
  const counts = noClassCounts();
  const { bytes } = sample;
  for (let piece = 0; piece < pieces; piece++) {
    const at = 2048 + random.below(bytes.length - pieceBytes - 2048);
    counts[classifyContent(bytes.subarray(at, at + pieceBytes))] += 1;
  }
  return counts;
}
