import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeRandom } from '../random.ts';
import { locateContent } from './locate-content.ts';

function noise(seed: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  makeRandom(seed).fill(bytes);
  return bytes;
}

describe('locateContent', () => {
  const head = noise(1, 512);
  const content = Buffer.concat([head, noise(2, 3000)]);
  const other = Buffer.concat([head, noise(3, 3000)]);

  it('finds pieces in the order of the content, and tells equal heads apart by what follows', () => {
    const image = Buffer.alloc(20_480);
    image.set(other, 512);
    image.set(content.subarray(1536), 5120);
    image.set(content.subarray(0, 1536), 10_240);
    assert.deepEqual(locateContent(image, content), [{ offset: 10_240, length: 1536 }, { offset: 5120, length: content.length - 1536 }]);
  });

  it('refuses content that is not there, not on a sector, or there twice', () => {
    const image = Buffer.alloc(20_480);
    assert.throws(() => locateContent(image, content), /nowhere/);
    image.set(content, 100);
    assert.throws(() => locateContent(image, content), /nowhere/);
    image.fill(0);
    image.set(content, 512);
    image.set(content, 8192);
    assert.throws(() => locateContent(image, content), /2 places/);
  });
});
