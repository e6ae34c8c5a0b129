import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ENTRY_BYTES, readEntrySet, setChecksum, type EntrySet } from './entry-set.ts';

/** A set with the name given, its checksum right. */
function buildSet(name: string, sizeBytes = 5000n): Buffer {
  const names = Math.ceil(name.length / 15);
  const set = Buffer.alloc((2 + names) * ENTRY_BYTES);
  set[0] = 0x85;
  set[1] = 1 + names;
  set[32] = 0xc0;
  set[33] = 3;
  set[35] = name.length;
  set.writeBigUInt64LE(sizeBytes, 40);
  set.writeUInt32LE(7, 52);
  set.writeBigUInt64LE(sizeBytes, 56);
  const text = Buffer.from(name, 'utf16le');
  for (let i = 0; i < names; i++) {
    set[64 + i * 32] = 0xc1;
    text.copy(set, 66 + i * 32, i * 30, i * 30 + 30);
  }
  return sign(set);
}

function sign(set: Buffer): Buffer {
  set.writeUInt16LE(setChecksum(set, 0, set.length, 0), 2);
  return set;
}

function read(set: Buffer, atEnd = true): EntrySet | string {
  const outcome = readEntrySet(set, 0, set.length, atEnd, 1234);
  return outcome.kind === 'set' ? outcome.set : outcome.kind;
}

test('any name of any units comes back as it was stored', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 255 }), (units) => {
      const name = String.fromCharCode(...units);
      const set = read(buildSet(name));
      assert.ok(typeof set !== 'string');
      assert.deepEqual([Buffer.from(set.name).toString('hex'), set.checksumHolds, set.inUse, set.firstCluster], [Buffer.from(name, 'utf16le').toString('hex'), true, true, 7]);
    }),
  );
});

test('a deleted set keeps its checksum, whichever way its driver left it', () => {
  const set = buildSet('own goal.txt');
  for (let at = 0; at < set.length; at += ENTRY_BYTES) set[at] = set[at]! & 0x7f;
  const left = read(set);
  const signedAnew = read(sign(Buffer.from(set)));
  for (const each of [left, signedAnew]) assert.ok(typeof each !== 'string' && !each.inUse && each.checksumHolds && !each.damaged);
  set[40] = set[40]! ^ 1;
  const changed = read(set);
  assert.ok(typeof changed !== 'string' && !changed.checksumHolds);
  // Followers of another file, in use: what is left of the deleted one cannot be told from it.
  set[64] = 0xc1;
  assert.equal(read(set), 'skip');
});

test('a set cut by the end of a block waits for more, one cut by the end of its directory is damaged', () => {
  const cut = buildSet('a name of more than fifteen units').subarray(0, 96);
  assert.equal(read(cut, false), 'more');
  const damaged = read(cut);
  assert.ok(typeof damaged !== 'string' && damaged.damaged && !damaged.checksumHolds);
  assert.equal(read(cut.subarray(0, 32)), 'lost');
});

test('vendor entries after the names belong to the set; other counts are lost', () => {
  const vendor = Buffer.alloc(ENTRY_BYTES);
  vendor[0] = 0xe0;
  const set = sign(Buffer.concat([buildSet('offside.txt'), vendor]).fill(3, 1, 2));
  const outcome = readEntrySet(set, 0, set.length, true, 0);
  assert.ok(outcome.kind === 'set' && outcome.entries === 4 && outcome.set.checksumHolds);
  for (const count of [0, 1, 19, 255]) assert.equal(read(Buffer.from(set).fill(count, 1, 2)), 'lost');
});

test('any bytes at all are read without a fault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 700 }), fc.boolean(), (bytes, atEnd) => {
      const whole = Buffer.from(bytes).subarray(0, bytes.length - (bytes.length % 32));
      whole[0] = 0x85;
      if (whole.length > 64) whole.set([0xc0], 32);
      const outcome = readEntrySet(whole, 0, whole.length, atEnd, 0);
      assert.ok(outcome.kind !== 'set' || (outcome.entries >= 1 && outcome.entries * 32 <= whole.length));
    }),
  );
});
