import assert from 'node:assert/strict';
import test from 'node:test';
import { MalformedError, MediumError } from './errors.ts';
import { MemorySource } from './memory-source.ts';
import { problemFrom } from './problem.ts';
import { readView, type ByteRange, type RandomAccessSource } from './random-access-source.ts';
import { SourceWindow } from './source-window.ts';

const BYTES = Buffer.from(Array.from({ length: 100 }, (_, i) => i));

test('a window reads its own bytes and names places on the outermost source', () => {
  const window = new SourceWindow(new SourceWindow(new MemorySource(BYTES), 10, 50), 5, 20);
  const view = readView(window, 3, 4);
  assert.deepEqual([...view.bytes], [18, 19, 20, 21]);
  assert.equal(view.sourceOffset, 18);
  assert.equal(window.originOffset, 15);
});

test('hostile offsets and lengths are refused as malformed, with the place', () => {
  const window = new SourceWindow(new MemorySource(BYTES), 10, 20);
  for (const [offset, length] of [[19, 2], [-1, 1], [2 ** 60, 1], [Number.NaN, 1], [0.5, 1]] as const) {
    assert.throws(() => window.readInto(Buffer.alloc(length), offset), MalformedError);
    assert.throws(() => readView(window, offset, length), MalformedError);
  }
  assert.throws(() => new SourceWindow(new MemorySource(BYTES), 90, 11), MalformedError);
});

test('unreadable ranges keep their place through windows, and readView refuses them', () => {
  const medium: RandomAccessSource = {
    sizeBytes: 100,
    originOffset: 0,
    readInto: (target: Uint8Array, offset: number): readonly ByteRange[] => {
      target.fill(0);
      return offset <= 40 && offset + target.length > 40 ? [{ offset: 40, length: 1 }] : [];
    },
    close: () => {},
  };
  const window = new SourceWindow(medium, 30, 40);
  assert.deepEqual(window.readInto(Buffer.alloc(20), 0), [{ offset: 10, length: 1 }]);
  assert.throws(() => readView(window, 5, 10), (error: unknown) => error instanceof MediumError && error.place.offset === 40);
  assert.equal(readView(window, 11, 5).length, 5);
});

test('anything thrown becomes a problem; what is not ours is an internal fault', () => {
  assert.deepEqual(problemFrom(new MediumError('unreadable-bytes', 'm', { offset: 4 }), { path: 'p1/a' }), {
    kind: 'medium',
    code: 'unreadable-bytes',
    message: 'm',
    where: { path: 'p1/a', offset: 4 },
  });
  assert.equal(problemFrom(new TypeError('x')).code, 'internal-fault');
});
