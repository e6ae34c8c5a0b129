import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checksumOf, makeLongNameCollector } from './long-name.ts';

const SHORT = Buffer.from('HOLIDA~1JPG'.padEnd(32, '\0'), 'latin1');

/** The long entries of a name for a short one, last part first. */
function partsOf(name: string, short: Buffer = SHORT): Buffer[] {
  const units = Buffer.from(name, 'utf16le');
  const count = Math.ceil(units.length / 26);
  return Array.from({ length: count }, (_, index) => {
    const part = count - index;
    const text = Buffer.alloc(26, 0xff);
    const chunk = units.subarray((part - 1) * 26, part * 26);
    chunk.copy(text);
    if (chunk.length < 26) text.writeUInt16LE(0, chunk.length);
    const entry = Buffer.alloc(32);
    entry[0] = part | (index === 0 ? 0x40 : 0);
    entry[11] = 0x0f;
    entry[13] = checksumOf(short, 0);
    text.copy(entry, 1, 0, 10);
    text.copy(entry, 14, 10, 22);
    text.copy(entry, 28, 22, 26);
    return entry;
  });
}

function collect(parts: readonly Buffer[], short: Buffer = SHORT): string | null {
  const collector = makeLongNameCollector();
  for (const part of parts) collector.take(part, 0);
  const name = collector.finish(short, 0);
  return name === null ? null : Buffer.from(name.bytes).toString('utf16le');
}

const deleted = (entry: Buffer): Buffer => {
  const copy = Buffer.from(entry);
  copy[0] = 0xe5;
  return copy;
};

test('names of every length come back, whatever UTF-16 units they hold', () => {
  const unit = fc.integer({ min: 1, max: 0xfffe });
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 255 }), (units) => {
      const name = String.fromCharCode(...units);
      assert.equal(collect(partsOf(name)), name);
      assert.equal(collect(partsOf(name).map(deleted), deleted(SHORT)), name);
    }),
    { numRuns: 300 },
  );
});

test('parts out of order, missing, repeated or of another name fall back to the short name', () => {
  const parts = partsOf('a name that needs three parts to be kept.jpg');
  assert.equal(parts.length, 4);
  assert.equal(collect([parts[1]!, parts[0]!, parts[2]!, parts[3]!]), null);
  assert.equal(collect(parts.slice(1)), null);
  assert.equal(collect(parts.slice(0, 3)), null);
  assert.equal(collect([parts[0]!, parts[1]!, parts[1]!, parts[2]!, parts[3]!]), null);
  assert.equal(collect([parts[0]!, parts[1]!, ...partsOf('another name', Buffer.from('OTHER   JPG'.padEnd(32))).slice(0, 1), parts[2]!, parts[3]!]), null);
  assert.equal(collect(parts, Buffer.from('HOLIDA~2JPG'.padEnd(32), 'latin1')), null);
});

test('impossible part numbers are ignored', () => {
  for (const sequence of [0x40, 0x40 | 21, 0x7f, 0x00, 0xff]) {
    const part = partsOf('short')[0]!;
    part[0] = sequence;
    assert.equal(collect([part]), null, sequence.toString(16));
  }
});

test('an empty long name is none', () => {
  const part = partsOf('x')[0]!;
  part.writeUInt16LE(0, 1);
  assert.equal(collect([part]), null);
});

test('a deleted name takes only the parts nearest to its short entry', () => {
  const parts = [...partsOf('left over from another file whose short entry is gone.jpg'), ...partsOf('mine.jpg')].map(deleted);
  assert.equal(collect(parts, deleted(SHORT)), 'mine.jpg');
});

test('a deleted name whose checksum gives no possible first letter is not joined', () => {
  const parts = partsOf('mine.jpg').map(deleted);
  // 0x20 more in the sum makes the first letter a lower-case one, which no short name has.
  const lower = Buffer.from(SHORT);
  lower[0] = 0x68;
  parts[0]![13] = checksumOf(lower, 0);
  assert.equal(collect(parts, deleted(SHORT)), null);
});

test('live parts before a deleted entry and deleted parts before a live one do not join wrongly', () => {
  const parts = partsOf('a longer name than thirteen.jpg');
  assert.equal(collect(parts.map(deleted)), null);
  assert.equal(collect(parts, deleted(SHORT)), 'a longer name than thirteen.jpg');
});
