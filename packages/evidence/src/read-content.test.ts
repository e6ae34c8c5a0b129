import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemorySource, SourceWindow, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import fc from 'fast-check';
import type { Extent, ItemContent } from './item.ts';
import { readContent, viewsOf, type ContentView } from './read-content.ts';

const disk = Buffer.from(Array.from({ length: 4096 }, (_, at) => 1 + (at % 251)));
const source = new MemorySource(disk);

function collect(from: RandomAccessSource, content: ItemContent, sizeBytes: number, view: ContentView = 'system', buffer?: Uint8Array) {
  const parts: Buffer[] = [];
  const unreadable: ByteRange[] = [];
  const codes: string[] = [];
  for (const chunk of readContent(from, { content, sizeBytes }, view, buffer)) {
    parts.push(Buffer.from(chunk.bytes));
    unreadable.push(...chunk.unreadable);
    codes.push(...chunk.problems.map((problem) => problem.code));
  }
  return { bytes: Buffer.concat(parts), unreadable, codes };
}

const extents = (...list: Extent[]): ItemContent => ({ form: 'extents', extents: list });
const data = (sourceOffset: number, length: number): Extent => ({ kind: 'data', sourceOffset, length });

test('extents come in file order, holes as zeros', () => {
  const content = extents(data(100, 10), { kind: 'hole', sourceOffset: -1, length: 5 }, data(20, 3));
  const expected = Buffer.concat([disk.subarray(100, 110), Buffer.alloc(5), disk.subarray(20, 23)]);
  assert.deepEqual(collect(source, content, 18), { bytes: expected, unreadable: [], codes: [] });
});

test('past the valid length the system view has zeros and the raw view the stored bytes', () => {
  const content = extents(data(0, 4), { kind: 'uninitialised', sourceOffset: 4, length: 4 });
  assert.deepEqual(viewsOf(content), ['system', 'raw']);
  assert.deepEqual(viewsOf(extents(data(0, 4))), ['system']);
  assert.deepEqual(collect(source, content, 8).bytes, Buffer.concat([disk.subarray(0, 4), Buffer.alloc(4)]));
  assert.deepEqual(collect(source, content, 8, 'raw').bytes, disk.subarray(0, 8));
});

test('any extents through any buffer give the same bytes as joining them', () => {
  const run = fc.record({ kind: fc.constantFrom('data', 'hole', 'uninitialised'), at: fc.nat(4000), length: fc.integer({ min: 1, max: 90 }) });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 20 }), fc.integer({ min: 1, max: 200 }), (runs, bufferBytes) => {
      const list = runs.map(({ kind, at, length }): Extent => ({ kind, sourceOffset: kind === 'hole' ? -1 : at, length }));
      const expected = Buffer.concat(runs.map(({ kind, at, length }) => (kind === 'hole' ? Buffer.alloc(length) : disk.subarray(at, at + length))));
      const got = collect(source, extents(...list), expected.length, 'raw', Buffer.alloc(bufferBytes));
      assert.deepEqual(got, { bytes: expected, unreadable: [], codes: [] });
    }),
  );
});

test('no more than the declared size comes out, and less is told', () => {
  assert.equal(collect(source, extents(data(0, 100)), 7).bytes.length, 7);
  const short = collect(source, extents(data(0, 5)), 7);
  assert.equal(short.bytes.length, 5);
  assert.deepEqual(short.codes, ['content-shorter-than-size']);
});

test('bytes outside the source and unreadable bytes are zeros with their place', () => {
  assert.deepEqual(collect(source, extents(data(4090, 10)), 10).unreadable, [{ offset: 4096, length: 4 }]);
  assert.deepEqual(collect(source, extents(data(2 ** 60, 3)), 3).unreadable, [{ offset: 2 ** 60, length: 3 }]);
  const window = new SourceWindow(source, 1000, 100);
  assert.deepEqual(collect(window, extents(data(1000, 10)), 10).bytes, disk.subarray(1000, 1010));
  assert.deepEqual(collect(window, extents(data(990, 10)), 10).unreadable, [{ offset: 990, length: 10 }]);
  const failing: RandomAccessSource = {
    sizeBytes: 4096,
    originOffset: 0,
    readInto(target, offset) {
      target.fill(0);
      return offset <= 512 && offset + target.byteLength > 512 ? [{ offset: 512, length: 16 }] : [];
    },
    close() {},
  };
  assert.deepEqual(collect(failing, extents(data(500, 100)), 100).unreadable, [{ offset: 512, length: 16 }]);
});

test('inline content and nothing to read', () => {
  assert.deepEqual(collect(source, { form: 'inline', bytes: Buffer.from('goal'), sourceOffset: 9 }, 4).bytes, Buffer.from('goal'));
  assert.deepEqual(collect(source, { form: 'inline', bytes: Buffer.from('goal'), sourceOffset: 9 }, 5).codes, ['content-shorter-than-size']);
  assert.deepEqual(collect(source, { form: 'none', reason: 'not-content' }, 0).codes, []);
  assert.deepEqual(collect(source, { form: 'none', reason: 'encrypted' }, 3).codes, ['content-not-readable']);
});

test('a compression unit is unpacked, a damaged one is told', () => {
  // One LZNT1 chunk stored plain: header 0x3000 | length - 1, not compressed.
  const packed = Buffer.concat([Buffer.from([0x03, 0x30]), Buffer.from('goal'), Buffer.alloc(6)]);
  const unit = (length: number, storedLength: number): Extent => ({ kind: 'compressed-unit', sourceOffset: 0, length, stored: [{ sourceOffset: 0, length: storedLength }] });
  const good = collect(new MemorySource(packed), extents(unit(8, packed.length)), 8);
  assert.deepEqual(good, { bytes: Buffer.from('goal\0\0\0\0'), unreadable: [], codes: [] });
  const cut = collect(new MemorySource(packed.subarray(0, 4)), extents(unit(8, 4)), 8);
  assert.deepEqual([cut.bytes.length, cut.codes], [8, ['compressed-unit-damaged']]);
  assert.deepEqual(collect(source, extents(unit(2 ** 31, 4)), 16).codes, ['compression-unit-too-large']);
});

test('a file of the folder is read; a link, a pipe, a change of size is not passed over', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-read-content-'));
  try {
    const host = (name: string): ItemContent => ({ form: 'host-file', hostPath: Buffer.from(join(folder, name)) });
    writeFileSync(join(folder, 'a'), disk);
    assert.deepEqual(collect(source, host('a'), 4096, 'system', Buffer.alloc(1000)), { bytes: disk, unreadable: [], codes: [] });
    assert.deepEqual(collect(source, host('a'), 5000).codes, ['host-file-changed']);
    assert.deepEqual(collect(source, host('a'), 4000).codes, ['host-file-changed']);
    symlinkSync(join(folder, 'a'), join(folder, 'link'));
    assert.deepEqual(collect(source, host('link'), 4096).codes, ['host-file-not-opened']);
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    assert.deepEqual(collect(source, host('pipe'), 4096).codes, ['host-file-not-regular']);
    assert.deepEqual(collect(source, host('gone'), 4096).codes, ['host-file-not-opened']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
