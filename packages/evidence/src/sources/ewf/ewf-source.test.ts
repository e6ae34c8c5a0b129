import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ByteView, RefusedError } from '@kerbside/bytes';
import { generatedBytes, makeRandom, mutate, writeE01, type E01Options, type WrittenE01 } from '@kerbside/corpus';
import { openSource } from '../../open-source.ts';
import { verifyImage, type ImageVerification } from '../verify-image.ts';
import { DESCRIPTOR_BYTES, SEGMENT_HEADER_BYTES, parseDescriptor } from './ewf-section.ts';
import { EwfSource } from './ewf-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'kerbside-ewf-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const CONTENT = Buffer.concat([...generatedBytes(7, 600_000).chunks(), Buffer.from('Full time. '.repeat(30_000)), Buffer.alloc(300_000), Buffer.alloc(512 - (1_230_000 % 512))]);
let images = 0;

function makeImage(shape: Partial<E01Options> = {}): WrittenE01 {
  images += 1;
  return writeE01({ source: [CONTENT], sizeBytes: CONTENT.length, outBasePath: join(folder, `image${images}`), ...shape });
}

const SHAPES: Readonly<Record<string, Partial<E01Options>>> = {
  stored: {},
  compressed: { compress: true },
  'many segments': { compress: true, segmentSizeBytes: 150_000, chunkSectors: 16 },
  'large chunks': { chunkSectors: 512 },
};

for (const [name, shape] of Object.entries(SHAPES)) {
  test(`E01 gives back the medium, in order and at random places: ${name}`, () => {
    const source = new EwfSource(makeImage(shape).segmentPaths);
    assert.equal(source.sizeBytes, CONTENT.length);
    const random = makeRandom(11);
    const whole = Buffer.alloc(CONTENT.length, 0xaa);
    assert.deepEqual(source.readInto(whole, 0), []);
    assert.ok(whole.equals(CONTENT));
    for (let i = 0; i < 200; i++) {
      const offset = random.below(CONTENT.length);
      const part = Buffer.alloc(1 + random.below(Math.min(100_000, CONTENT.length - offset)));
      assert.deepEqual(source.readInto(part, offset), []);
      assert.ok(part.equals(CONTENT.subarray(offset, offset + part.length)), `${offset}+${part.length}`);
    }
    assert.deepEqual(source.takeProblems(), []);
    assert.equal(source.chunksBad, 0);
    source.close();
  });
}

test('verification recomputes the stored digests', async () => {
  const made = makeImage({ compress: true, segmentSizeBytes: 200_000 });
  const result = await verify(made.segmentPaths[0]!);
  assert.equal(result.outcome, 'match');
  assert.deepEqual(result.stored, { md5: made.md5, sha1: made.sha1 });
  assert.equal(result.computed.sha256, createHash('sha256').update(CONTENT).digest('hex'));
});

test('sectors unread at acquisition come back as unread, to the sector', () => {
  const source = new EwfSource(makeImage({ unreadSectors: [{ startSector: 100, sectors: 8 }, { startSector: 1_500, sectors: 1 }] }).segmentPaths);
  const whole = Buffer.alloc(CONTENT.length);
  assert.deepEqual(source.readInto(whole, 0), [
    { offset: 51_200, length: 4_096 },
    { offset: 768_000, length: 512 },
  ]);
  assert.ok(whole.subarray(51_200, 55_296).every((byte) => byte === 0));
  assert.deepEqual(source.readInto(Buffer.alloc(1_000), 50_000), []);
  assert.deepEqual(source.index.problems.map((problem) => problem.code), ['ewf-acquisition-errors']);
  source.close();
});

test('a flipped bit in a chunk costs exactly that chunk', () => {
  const made = makeImage();
  flip(made.segmentPaths[0]!, sectionOffset(made.segmentPaths[0]!, 'sectors') + DESCRIPTOR_BYTES + 5 * (32_768 + 4) + 1_234, 3);
  const source = new EwfSource(made.segmentPaths);
  const whole = Buffer.alloc(CONTENT.length);
  assert.deepEqual(source.readInto(whole, 0), [{ offset: 5 * 32_768, length: 32_768 }]);
  const expected = Buffer.from(CONTENT);
  expected.fill(0, 5 * 32_768, 6 * 32_768);
  assert.ok(whole.equals(expected));
  assert.deepEqual(source.takeProblems().map(({ code, where }) => [code, where]), [['ewf-chunk-damaged', { offset: 5 * 32_768, length: 32_768 }]]);
  // Asked again, it is not read again and not reported again.
  assert.deepEqual(source.readInto(whole.subarray(0, 100), 5 * 32_768 + 50), [{ offset: 5 * 32_768 + 50, length: 100 }]);
  assert.deepEqual(source.takeProblems(), []);
  source.close();
});

test('a damaged table is replaced by its mirror; with both damaged the chunks count as unread', () => {
  const made = makeImage();
  const path = made.segmentPaths[0]!;
  flip(path, sectionOffset(path, 'table') + DESCRIPTOR_BYTES + 24 + 9, 0);
  const mirrored = new EwfSource(made.segmentPaths);
  const whole = Buffer.alloc(CONTENT.length);
  assert.deepEqual(mirrored.readInto(whole, 0), []);
  assert.ok(whole.equals(CONTENT));
  assert.deepEqual(mirrored.takeProblems().map((problem) => problem.code), ['ewf-table-damaged']);
  mirrored.close();
  flip(path, sectionOffset(path, 'table2') + DESCRIPTOR_BYTES + 24 + 9, 0);
  const lost = new EwfSource(made.segmentPaths);
  assert.deepEqual(lost.readInto(whole, 0), [{ offset: 0, length: CONTENT.length }]);
  lost.close();
});

test('every flipped bit is told, whatever section it is in', async () => {
  const made = makeImage({ compress: true, unreadSectors: [{ startSector: 3, sectors: 2 }] });
  const path = made.segmentPaths[0]!;
  const intact = readFileSync(path);
  const clean = await verify(path);
  const sections = listSections(intact);
  assert.deepEqual(
    [...new Set(sections.map(({ type }) => type))].toSorted(),
    ['digest', 'done', 'error2', 'hash', 'header', 'header2', 'sectors', 'table', 'table2', 'volume'],
  );
  const random = makeRandom(5);
  for (const section of sections) {
    // A few bits of each payload, and of each field of each descriptor.
    const places = [0, 17, 25, 73].map((at) => section.offset + at);
    const payload = section.end - section.offset - DESCRIPTOR_BYTES;
    for (let i = 0; i < 6 && payload > 0; i++) places.push(section.offset + DESCRIPTOR_BYTES + random.below(payload));
    for (const place of places) {
      const damaged = Buffer.from(intact);
      damaged[place]! ^= 1 << random.below(8);
      writeFileSync(path, damaged);
      const seen = await verify(path).catch((error: unknown) => error);
      const told = seen instanceof RefusedError || (seen as ImageVerification).problems.some(({ code }) => !clean.problems.some((known) => known.code === code));
      assert.ok(told, `a bit at ${place} of section ${section.type} (${place - section.offset} into it) went unseen`);
    }
  }
});

test('400 mutated images: refused or read, never a wrong byte without a word, never a hang', () => {
  const path = join(folder, 'mutated.E01');
  const intact = readFileSync(makeImage({ compress: true, chunkSectors: 16 }).segmentPaths[0]!);
  const sections = listSections(intact);
  const whole = Buffer.alloc(CONTENT.length);
  let read = 0;
  for (let seed = 0; seed < 400; seed++) {
    // Half of them anywhere, half of them in one structure.
    const section = sections[seed % sections.length]!;
    const damaged = seed % 2 === 0 ? mutate(intact, seed) : Buffer.concat([intact.subarray(0, section.offset), mutate(intact.subarray(section.offset, Math.min(section.end, section.offset + 3_000)), seed), intact.subarray(Math.min(section.end, section.offset + 3_000))]);
    writeFileSync(path, damaged);
    const start = performance.now();
    try {
      const source = new EwfSource([path]);
      const length = Math.min(source.sizeBytes, CONTENT.length);
      const unread = source.readInto(whole.subarray(0, length), 0);
      const expected = Buffer.from(CONTENT.subarray(0, length));
      for (const range of unread) expected.fill(0, range.offset, range.offset + range.length);
      const told = source.index.problems.length + source.takeProblems().length > 0;
      assert.ok(whole.subarray(0, length).equals(expected) || told, `seed ${seed}: other bytes, and no problem`);
      source.close();
      read += 1;
    } catch (error) {
      assert.ok(error instanceof RefusedError, `seed ${seed}: ${String(error)}`);
    }
    assert.ok(performance.now() - start < 10_000, `seed ${seed}`);
  }
  assert.ok(read > 100, `${read} of 400 could be read`);
});

test('a second descriptor damaged beyond repair is refused, not guessed', () => {
  const path = makeImage().segmentPaths[0]!;
  const at = sectionOffset(path, 'sectors');
  patch(path, at + 16, Buffer.alloc(16, 0x7f));
  assert.throws(() => new EwfSource([path]), { code: 'ewf-chain-broken' });
});

test('a table cut from the chain cannot shift the chunks after it', () => {
  const made = makeImage({ segmentSizeBytes: 400_000 });
  const path = made.segmentPaths[0]!;
  for (const type of ['table', 'table2']) patch(path, sectionOffset(path, type) + DESCRIPTOR_BYTES, Buffer.alloc(24, 0xee));
  const source = new EwfSource(made.segmentPaths);
  const whole = Buffer.alloc(CONTENT.length);
  const unread = source.readInto(whole, 0);
  assert.equal(unread.length, 1);
  const { offset, length } = unread[0]!;
  assert.equal(offset, 0);
  assert.ok(whole.subarray(length).equals(CONTENT.subarray(length)));
  source.close();
});

async function verify(path: string): Promise<ImageVerification> {
  const image = await openSource(path);
  assert.equal(image.form, 'image');
  try {
    return await verifyImage(image as Extract<typeof image, { form: 'image' }>);
  } finally {
    await image.close();
  }
}

interface Section {
  readonly type: string;
  readonly offset: number;
  readonly end: number;
}

function listSections(bytes: Buffer): Section[] {
  const sections: Section[] = [];
  for (let at = SEGMENT_HEADER_BYTES; ; ) {
    const section = parseDescriptor(new ByteView(bytes.subarray(at, at + DESCRIPTOR_BYTES)), at);
    const end = section.nextOffset > at ? section.nextOffset : at + DESCRIPTOR_BYTES;
    sections.push({ type: section.type, offset: at, end });
    if (section.nextOffset <= at) return sections;
    at = end;
  }
}

function sectionOffset(path: string, type: string): number {
  return listSections(readFileSync(path)).find((section) => section.type === type)!.offset;
}

function flip(path: string, at: number, bit: number): void {
  const byte = readFileSync(path)[at]!;
  patch(path, at, Buffer.from([byte ^ (1 << bit)]));
}

function patch(path: string, at: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}
