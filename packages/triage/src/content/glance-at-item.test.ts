import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MalformedError, MediumError, MemorySource } from '@kerbside/bytes';
import { glanceAtItem } from './glance-at-item.ts';

const seen: number[] = [];
const tools = {
  sniff: (head: Uint8Array) => (head[0] === 1 ? 'picture/jpeg' : head[0] === 2 ? 'picture/heic' : head[0] === 3 ? 'archive/zip' : null),
  async glanceAtPicture(head: Uint8Array) {
    seen.push(head.length);
    if (head[1] === 9) throw new MalformedError('picture-undecodable', 'no picture');
    return 12;
  },
};

function content(kind: number, length: number, second = 0): () => MemorySource {
  const bytes = new Uint8Array(length);
  bytes.set([kind, second]);
  return () => new MemorySource(bytes);
}

test('of a JPEG only the head is read, of a HEIC all, of anything else nothing more', async () => {
  seen.length = 0;
  assert.equal(await glanceAtItem(content(1, 200_000), tools), 12);
  assert.equal(await glanceAtItem(content(1, 500), tools), 12);
  assert.equal(await glanceAtItem(content(2, 200_000), tools), 12);
  assert.equal(await glanceAtItem(content(3, 200_000), tools), null);
  assert.equal(await glanceAtItem(content(2, 17 * 1024 * 1024), tools), null);
  assert.deepEqual(seen, [81_920, 500, 200_000]);
});

test('what cannot be read or decoded is left to the whole look', async () => {
  assert.equal(await glanceAtItem(content(1, 500, 9), tools), null);
  const unreadable = (): MemorySource => {
    throw new MediumError('unreadable-bytes', 'nothing there');
  };
  assert.equal(await glanceAtItem(unreadable, tools), null);
  const broken = (): MemorySource => {
    throw new TypeError('a fault of ours');
  };
  await assert.rejects(glanceAtItem(broken, tools), TypeError);
});
