import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource, type RandomAccessSource } from '@kerbside/bytes';
import type { NtfsFile } from '@kerbside/corpus';
import type { Volume } from '../volume.ts';
import { attributeAt, editRecord, makeImage, noise, readImage, recordOffset, RECORD_BYTES, type TestImage } from './ntfs-images.test.ts';
import { ntfsFormat } from './ntfs-format.ts';

const tree: NtfsFile[] = Array.from({ length: 60 }, (_, i) => ({
  path: `Pictures/folder ${i % 5}/picture ${i}.jpg`,
  content: noise(i % 4 === 0 ? 300 : 5000, i),
}));
tree.push({ path: 'listed.bin', content: noise(120_000, 99), attributeList: true, fragments: 25 });
const mftFragments = 3;

function damaged(damage: (image: TestImage) => void) {
  const image = makeImage(tree, { mftFragments });
  damage(image);
  return readImage(image.bytes);
}

const sound = readImage(makeImage(tree, { mftFragments }).bytes);

function assertAllThere(read: ReturnType<typeof readImage>): void {
  assert.deepEqual([...read.byPath.keys()].sort(), [...sound.byPath.keys()].sort());
  for (const file of tree) assert.ok(read.content(file.path).equals(file.content as Buffer), file.path);
}

test('a zeroed boot sector: the copy in the last sector gives everything, and it is told', () => {
  const read = damaged(({ bytes }) => bytes.fill(0, 0, 512));
  assert.equal(read.basis, 'backup');
  assert.deepEqual(read.codes, ['ntfs-boot-record-damaged']);
  assertAllThere(read);
});

test('a boot record that leads nowhere: the copy is used', () => {
  const read = damaged(({ bytes }) => {
    bytes.writeUInt32LE(7, 0x30);
    bytes.writeUInt32LE(8, 0x38);
  });
  assert.deepEqual(read.codes, ['ntfs-boot-record-damaged']);
  assertAllThere(read);
});

test('a zeroed first record of $MFT: the copy in $MFTMirr gives everything, and it is told', () => {
  const read = damaged((image) => image.bytes.fill(0, recordOffset(image, 0), recordOffset(image, 0) + RECORD_BYTES));
  assert.equal(read.basis, 'primary');
  assert.deepEqual(read.codes, ['ntfs-mft-start-damaged']);
  assertAllThere(read);
});

test('a torn first record of $MFT is as good as none', () => {
  const read = damaged((image) => {
    image.bytes[recordOffset(image, 0) + 510]! ^= 0xff;
  });
  assert.ok(read.codes.includes('ntfs-mft-start-damaged'));
  for (const file of tree) assert.ok(read.content(file.path).equals(file.content as Buffer), file.path);
});

test('first record and mirror gone: an unbroken $MFT is still read', () => {
  const image = makeImage(tree);
  const mirror = Number(image.bytes.readBigUInt64LE(0x38)) * 4096;
  image.bytes.fill(0, mirror, mirror + 4096);
  image.bytes.fill(0, recordOffset(image, 0), recordOffset(image, 0) + RECORD_BYTES);
  const read = readImage(image.bytes);
  assert.ok(read.codes.includes('ntfs-mft-start-damaged'));
  for (const file of tree) assert.ok(read.content(file.path).equals(file.content as Buffer), file.path);
});

test('a size of $MFT that is too short hides nothing', () => {
  for (const field of [0x30, 0x38]) {
    const read = damaged((image) => {
      editRecord(image, 0, (record) => record.writeBigUInt64LE(BigInt(30 * RECORD_BYTES), attributeAt(record, 0x80) + field));
    });
    assert.deepEqual(read.codes, ['ntfs-mft-size-wrong']);
    for (const file of tree) assert.ok(read.content(file.path).equals(file.content as Buffer), file.path);
  }
});

test('an unreadable $Bitmap is told, also when no deleted file needs it', () => {
  const read = damaged((image) => image.bytes.fill(0, recordOffset(image, 6), recordOffset(image, 6) + RECORD_BYTES));
  assert.deepEqual(read.codes, ['ntfs-record-lost', 'ntfs-bitmap-unreadable']);
  assert.deepEqual(read.free, []);
});

test('damaged directory indexes lose nothing', () => {
  const read = damaged((image) => {
    for (const folder of ['Pictures', 'Pictures/folder 1']) {
      editRecord(image, image.written.records.get(folder)!, (record) => {
        for (let at = record.readUInt16LE(0x14); record.readUInt32LE(at) !== 0xffffffff; at += record.readUInt32LE(at + 4)) {
          if (record.readUInt32LE(at) === 0x90) record.fill(0xee, at + 0x20, at + record.readUInt32LE(at + 4));
        }
      });
    }
  });
  for (const file of tree) assert.ok(read.content(file.path).equals(file.content as Buffer), file.path);
});

test('a torn record, one marked BAAD and one wiped are problems, and the rest is there', () => {
  const records: number[] = [];
  const read = damaged((image) => {
    for (let i = 1; i <= 3; i++) records.push(recordOffset(image, image.written.records.get(tree[i]!.path)!));
    image.bytes[records[0]! + 510]! ^= 0xff;
    image.bytes.write('BAAD', records[1]!, 'latin1');
    image.bytes.fill(0, records[2]!, records[2]! + RECORD_BYTES);
  });
  assert.deepEqual(read.codes, ['ntfs-record-torn', 'ntfs-record-baad', 'ntfs-record-lost']);
  assert.deepEqual(read.problems.map((problem) => problem.where.offset), records);
  assert.equal(read.items.length, sound.items.length - 3);
});

test('a lost directory: its files come under $OrphanFiles, each told', () => {
  const read = damaged((image) => {
    const at = recordOffset(image, image.written.records.get('Pictures/folder 2')!);
    image.bytes.fill(0, at, at + RECORD_BYTES);
  });
  assert.ok(read.content('$OrphanFiles/picture 7.jpg').equals(tree[7]!.content as Buffer));
  const orphan = read.byPath.get('$OrphanFiles/picture 7.jpg')!;
  assert.deepEqual([orphan.state, orphan.recovery], ['orphan', { basis: 'runs-survive' }]);
  assert.equal(read.codes.filter((code) => code === 'ntfs-parent-lost').length, 12);
});

test('a lost extension record is told, and the item is partial', () => {
  const read = damaged((image) => {
    const base = image.written.records.get('listed.bin')!;
    for (let entry = 0; entry < image.written.mftRecords; entry++) {
      const at = recordOffset(image, entry);
      if (image.bytes.readUInt32LE(at + 0x20) === base) image.bytes.fill(0, at, at + RECORD_BYTES);
    }
  });
  assert.ok(read.codes.includes('ntfs-extension-missing'));
  assert.ok(read.codes.includes('ntfs-record-lost'));
});

test('an extension record whose base is gone is told', () => {
  const read = damaged((image) => {
    const at = recordOffset(image, image.written.records.get('listed.bin')!);
    image.bytes.fill(0, at, at + RECORD_BYTES);
  });
  assert.ok(read.codes.includes('ntfs-extension-lost'));
});

test('a volume cut short: told, and what is there is read', () => {
  const image = makeImage(tree);
  const read = readImage(image.bytes.subarray(0, image.bytes.length - 256 * 1024));
  assert.ok(read.codes.includes('ntfs-volume-truncated'));
});

test('unreadable sectors in $MFT are a medium problem with their place', () => {
  const image = makeImage(tree);
  const entry = image.written.records.get(tree[5]!.path)!;
  const at = recordOffset(image, entry);
  const memory = new MemorySource(image.bytes);
  const source: RandomAccessSource = {
    sizeBytes: memory.sizeBytes,
    originOffset: 0,
    readInto(target, offset) {
      memory.readInto(target, offset);
      const from = Math.max(at, offset);
      const to = Math.min(at + 512, offset + target.length);
      if (to <= from) return [];
      target.fill(0, from - offset, to - offset);
      return [{ offset: from, length: to - from }];
    },
    close() {},
  };
  const volume: Volume = { id: 'p1', startOffset: 0, sizeBytes: source.sizeBytes, scheme: 'none', declaredType: '', source };
  const problems = [...ntfsFormat.open(volume).walk()].flatMap((event) => (event.type === 'problem' ? [event.problem] : []));
  assert.deepEqual(problems.map((problem) => [problem.code, problem.where.offset]), [['unreadable-bytes', at], ['ntfs-record-lost', at]]);
});

test('an unreadable boot sector falls back to its copy; nothing at all is said to be so', () => {
  const image = makeImage([]);
  const memory = new MemorySource(image.bytes);
  const failing = (bad: (offset: number) => boolean): Volume => {
    const source: RandomAccessSource = {
      sizeBytes: memory.sizeBytes,
      originOffset: 0,
      readInto(target, offset) {
        memory.readInto(target, offset);
        return bad(offset) ? [{ offset, length: target.length }] : [];
      },
      close() {},
    };
    return { id: 'p1', startOffset: 0, sizeBytes: source.sizeBytes, scheme: 'none', declaredType: '', source };
  };
  assert.equal(ntfsFormat.detect(failing((offset) => offset === 0)), 'backup');
  assert.equal(ntfsFormat.detect(failing(() => true)), null);
  assert.throws(() => ntfsFormat.open(failing(() => true)), { code: 'ntfs-boot-record-damaged' });
});

test('other volumes are not taken for NTFS', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(100), Buffer.alloc(512), Buffer.alloc(1 << 20), noise(1 << 16, 5)]) {
    const source = new MemorySource(bytes);
    assert.equal(ntfsFormat.detect({ id: 'p1', startOffset: 0, sizeBytes: bytes.length, scheme: 'none', declaredType: '', source }), null);
  }
});
