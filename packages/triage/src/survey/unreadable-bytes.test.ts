import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { UnreadableBytes } from './unreadable-bytes.ts';

test('each byte is counted once, however ranges overlap', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ offset: fc.nat(400), length: fc.nat(60) }), { maxLength: 60 }), (ranges) => {
      const counted = new UnreadableBytes();
      const bytes = new Set<number>();
      for (const range of ranges) {
        counted.add(range);
        for (let i = 0; i < range.length; i += 1) bytes.add(range.offset + i);
        assert.equal(counted.bytes, bytes.size);
      }
    }),
  );
});

test('beyond the limit of ranges nothing is lost, and repeats may count twice', () => {
  const counted = new UnreadableBytes();
  for (let i = 0; i < 100_000; i += 1) counted.add({ offset: i * 1024, length: 512 });
  assert.equal(counted.bytes, 51_200_000);
  counted.add({ offset: 1e9, length: 512 });
  counted.add({ offset: 1e9, length: 512 });
  assert.equal(counted.bytes, 51_201_024);
  counted.add({ offset: 512, length: 512 });
  assert.equal(counted.bytes, 51_201_536);
});
