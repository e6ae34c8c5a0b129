import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NtfsFile } from '@kerbside/corpus';
import { attributeAt, editRecord, makeImage, noise, readImage, type ReadImage, type TestImage } from './ntfs-images.test.ts';

const tree: NtfsFile[] = [
  { path: 'a/b/c/file.bin', content: noise(20_000, 1) },
  { path: 'a/b/other.bin', content: noise(20_000, 2), resident: false },
  { path: 'small.txt', content: Buffer.from('small') },
  { path: 'packed.txt', content: Buffer.alloc(300_000, 'match report '), compressed: true },
];

/** Edits the record of a path of the tree above and reads the volume. */
function edited(path: string, edit: (record: Buffer, image: TestImage) => void): ReadImage {
  const image = makeImage(tree);
  editRecord(image, image.written.records.get(path)!, (record) => edit(record, image));
  return readImage(image.bytes);
}

function setParent(record: Buffer, entry: number): void {
  const value = attributeAt(record, 0x30) + 0x18;
  record.writeUIntLE(entry, value, 6);
  record.writeUInt16LE(0, value + 6);
}

test('directories that are their own parent, or each other’s, end as orphans', () => {
  const self = edited('a/b', (record, image) => setParent(record, image.written.records.get('a/b')!));
  assert.deepEqual(self.codes, ['ntfs-directory-cycle']);
  assert.ok(self.content('$OrphanFiles/b/c/file.bin').equals(noise(20_000, 1)));
  const loop = edited('a', (record, image) => setParent(record, image.written.records.get('a/b/c')!));
  assert.deepEqual(loop.codes, ['ntfs-directory-cycle']);
  assert.equal([...loop.byPath.values()].filter((item) => item.kind === 'directory' && item.state === 'orphan').length, 3);
  assert.ok(loop.content('$OrphanFiles/c/file.bin').equals(noise(20_000, 1)));
});

test('a parent that is a file, or beyond $MFT, makes an orphan', () => {
  for (const entry of [3, 2 ** 47]) {
    const read = edited('small.txt', (record) => setParent(record, entry));
    assert.deepEqual(read.codes, ['ntfs-parent-lost']);
    assert.equal(read.content('$OrphanFiles/small.txt').toString(), 'small');
  }
});

test('sizes to 2^63 are cut to what is there', () => {
  for (const size of [2n ** 63n, 2n ** 53n, 2n ** 44n, 2n ** 64n - 1n]) {
    const read = edited('a/b/other.bin', (record) => record.writeBigUInt64LE(size, attributeAt(record, 0x80) + 0x30));
    const item = read.byPath.get('a/b/other.bin')!;
    assert.deepEqual([read.codes, item.partial, item.sizeBytes], [['ntfs-size-impossible'], true, 20_480]);
  }
  const longer = edited('a/b/other.bin', (record) => record.writeBigUInt64LE(100_000n, attributeAt(record, 0x80) + 0x30));
  const item = longer.byPath.get('a/b/other.bin')!;
  assert.deepEqual([longer.codes, item.partial, item.sizeBytes], [['ntfs-runs-incomplete'], true, 100_000]);
  assert.equal(longer.content('a/b/other.bin').length, 100_000);
});

test('a resident length beyond the record is a problem of that item', () => {
  const read = edited('small.txt', (record) => record.writeUInt32LE(0xffff_fff0, attributeAt(record, 0x80) + 0x10));
  assert.deepEqual(read.codes, ['ntfs-record-malformed']);
  assert.deepEqual(read.byPath.get('small.txt')!.content, { form: 'none', reason: 'damaged' });
});

test('runs outside the volume become holes, and the item is partial', () => {
  const read = edited('a/b/other.bin', (record) => {
    const at = attributeAt(record, 0x80);
    const runs = at + record.readUInt16LE(at + 0x20);
    record.set([0x11, 0x02, 0x10, 0x31, 0x03, 0xff, 0xff, 0x7f], runs);
  });
  assert.deepEqual(read.codes, ['ntfs-run-outside-volume']);
  const item = read.byPath.get('a/b/other.bin')!;
  assert.ok(item.partial && item.content.form === 'extents');
  assert.deepEqual(item.content.extents.map((extent) => [extent.kind, extent.length]), [['data', 8192], ['hole', 11_808]]);
});

test('a run list that makes no sense leaves a partial item', () => {
  for (const bytes of [[0xff, 1, 2, 3], [0x10, 0, 0, 0], [0x11, 0x00, 0x10, 0x00], [0x18, 1, 1, 1]]) {
    const read = edited('a/b/other.bin', (record) => {
      const at = attributeAt(record, 0x80);
      record.set(bytes, at + record.readUInt16LE(at + 0x20));
    });
    assert.ok(read.codes.includes('ntfs-run-list-malformed'), read.codes.join());
    assert.ok(read.byPath.get('a/b/other.bin')!.partial);
  }
});

test('attribute lengths of 0, of 2^32 - 1 and past the record end the record as a problem', () => {
  for (const length of [0, 8, 0xffff_ffff, 2000]) {
    const read = edited('small.txt', (record) => record.writeUInt32LE(length, attributeAt(record, 0x80) + 4));
    assert.deepEqual(read.codes, ['ntfs-record-malformed', 'ntfs-data-missing']);
    assert.ok(read.byPath.has('small.txt'));
  }
});

test('an absurd compression unit is not handled, and said so', () => {
  const read = edited('packed.txt', (record) => record.writeUInt16LE(31, attributeAt(record, 0x80) + 0x22));
  assert.deepEqual(read.codes, ['ntfs-compression-unsupported']);
});

test('content under an attribute type that no file has, or another than $DATA, is told', () => {
  for (const [type, codes] of [[0, ['ntfs-attribute-unknown', 'ntfs-data-missing']], [0x8080, ['ntfs-attribute-unknown', 'ntfs-data-missing']], [0xe0, ['ntfs-data-missing']]] as const) {
    const read = edited('small.txt', (record) => record.writeUInt32LE(type, attributeAt(record, 0x80)));
    assert.deepEqual(read.codes, codes, `type ${type}`);
  }
});

test('a system-compressed file is unsupported, a link with data of its own is read', () => {
  const withTag = (tag: number) =>
    edited('small.txt', (record) => {
      // A reparse point goes in front of the end mark.
      const end = attributeAt(record, 0xffff_ffff);
      const attribute = Buffer.alloc(0x20);
      attribute.writeUInt32LE(0xc0, 0);
      attribute.writeUInt32LE(0x20, 4);
      attribute.writeUInt32LE(8, 0x10);
      attribute.writeUInt16LE(0x18, 0x14);
      attribute.writeUInt32LE(tag, 0x18);
      record.set(attribute, end);
      record.writeUInt32LE(0xffff_ffff, end + 0x20);
      record.writeUInt32LE(end + 0x28, 0x18);
    });
  const wof = withTag(0x80000017);
  assert.deepEqual(wof.codes, ['ntfs-wof-compressed']);
  assert.deepEqual(wof.byPath.get('small.txt')!.content, { form: 'none', reason: 'unsupported' });
  const link = withTag(0xa000000c);
  const plain = edited('small.txt', () => {}).byPath.get('small.txt')!;
  const behindLink = link.byPath.get('small.txt')!;
  assert.deepEqual([link.codes, behindLink.kind, behindLink.content], [[], 'file', plain.content]);
  assert.deepEqual([withTag(0x9000601a).codes, withTag(0x12345678).codes], [[], []]);
});

test('names that climb, end lines, or are no text stay names', () => {
  for (const name of ['..', '.', '/etc', 'a\0b', '\u202egpj.x', '\ud800 lone', '\u001b[2J']) {
    const image = makeImage([{ path: 'x'.repeat(name.length), content: Buffer.from('n') }]);
    editRecord(image, image.written.records.get('x'.repeat(name.length))!, (record) => {
      record.set(Buffer.from(name, 'utf16le'), attributeAt(record, 0x30) + 0x18 + 0x42);
    });
    const item = readImage(image.bytes).items.find((one) => Buffer.from(one.name.bytes).equals(Buffer.from(name, 'utf16le')));
    assert.equal(item?.parent, null, JSON.stringify(name));
    const [path] = [...readImage(image.bytes).byPath].find(([, one]) => one.id === item!.id)!;
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    assert.ok(!/[\0-\x1f/\u202e\ud800]/.test(path) && path !== '..' && path !== '.', path);
  }
});

test('paths 300 deep are whole; deeper than the limit they are cut and told', () => {
  const deep = (levels: number) => `${Array.from({ length: levels }, (_, i) => `d${i}`).join('/')}/f.txt`;
  const fine = readImage(makeImage([{ path: deep(300), content: Buffer.from('deep') }]).bytes);
  assert.deepEqual(fine.codes, []);
  assert.equal(fine.content(deep(300)).toString(), 'deep');
  const tooDeep = readImage(makeImage([{ path: deep(700), content: Buffer.from('deep') }], { sizeBytes: 8 * 1024 * 1024 }).bytes);
  assert.deepEqual(new Set(tooDeep.codes), new Set(['ntfs-path-too-deep']));
  assert.equal(tooDeep.items.filter((item) => item.kind === 'file' && item.sizeBytes === 4).length, 1);
});

test('links times streams stop at the budget', () => {
  const hardLinks = Array.from({ length: 900 }, (_, i) => `link ${i}`);
  const streams = Array.from({ length: 400 }, (_, i) => ({ name: `s${i}`, content: Buffer.from('x') }));
  const image = makeImage([{ path: 'many', content: Buffer.from('m'), hardLinks, streams, attributeList: true }], { sizeBytes: 8 * 1024 * 1024 });
  const read = readImage(image.bytes);
  const budget = image.written.mftRecords * 64 + 4096;
  assert.ok(read.items.length <= budget + 1, `${read.items.length} items`);
  assert.ok(read.codes.includes('ntfs-item-limit'));
});
