import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RandomAccessSource } from '@kerbside/bytes';
import { makeRandom } from '@kerbside/corpus';
import { appearanceOf } from './appearance.ts';

const MIB = 1024 * 1024;

/** Zeros of any length, with a few bytes somewhere; counts what is read of it. */
function zerosWith(sizeBytes: number, at: number, text: string): RandomAccessSource & { readBytes: number } {
  const mark = Buffer.from(text);
  return {
    sizeBytes,
    originOffset: 0,
    close: () => {},
    readBytes: 0,
    readInto(target: Uint8Array, offset: number) {
      this.readBytes += target.length;
      target.fill(0);
      for (let i = 0; i < mark.length; i++) {
        const position = at + i - offset;
        if (position >= 0 && position < target.length) target[position] = mark[i]!;
      }
      return [];
    },
  };
}

test('up to 64 MiB a few bytes anywhere are seen, however few the sample looks at', () => {
  const random = makeRandom(4);
  for (let round = 0; round < 20; round++) {
    const at = random.below(64 * MIB - 8);
    assert.equal(appearanceOf(zerosWith(64 * MIB, at, 'goal'), { offset: 0, length: 64 * MIB }), 'data', `at ${at}`);
  }
  assert.equal(appearanceOf(zerosWith(64 * MIB, 0, ''), { offset: 0, length: 64 * MIB }), 'empty');
});

test('what is larger is only sampled, and never called empty', () => {
  const source = zerosWith(2 ** 42, 2 ** 41 + 12_345, 'goal');
  assert.equal(appearanceOf(source, { offset: 0, length: 2 ** 42 }), 'sampled-empty');
  assert.ok(source.readBytes <= 2 * MIB, `${source.readBytes} bytes read`);
});

test('bytes that are understood already do not count as data', () => {
  const source = zerosWith(8 * MIB, 4 * MIB + 5, 'table');
  assert.equal(appearanceOf(source, { offset: 0, length: 8 * MIB }, [{ offset: 4 * MIB, length: 512 }]), 'empty');
});
