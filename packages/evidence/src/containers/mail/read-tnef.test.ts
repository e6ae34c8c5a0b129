import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePicture, mutate } from '@kerbside/corpus';
import { MemorySource } from '@kerbside/bytes';
import { ContainerBudget } from '../container-budget.ts';
import { listAll, type Listed } from '../test-list-all.ts';
import { isTnef, readTnef } from './read-tnef.ts';

const PICTURE = makePicture({ kind: 'jpeg', widthPx: 50, heightPx: 40, seed: 2 });

function attribute(level: number, id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head[0] = level;
  head.writeUInt32LE(id, 1);
  head.writeUInt32LE(value.length, 5);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(value.reduce((total, byte) => (total + byte) & 0xffff, 0));
  return Buffer.concat([head, value, sum]);
}

function longName(name: string): Buffer {
  const text = Buffer.from(`${name}\0`, 'utf16le');
  const words = Buffer.from(new Uint32Array([1, 0x3707001f, 1, text.length]).buffer);
  return Buffer.concat([words, text]);
}

const SOUND = Buffer.concat([
  Buffer.of(0x78, 0x9f, 0x3e, 0x22, 1, 0),
  attribute(1, 0x00089006, Buffer.of(0, 0, 1, 0)),
  attribute(2, 0x00069002, Buffer.alloc(14)),
  attribute(2, 0x00018010, Buffer.from('PITCH~1.JPG\0')),
  attribute(2, 0x0006800f, PICTURE),
  attribute(2, 0x00069005, longName('Pitch in Köln.jpg')),
  attribute(2, 0x00069002, Buffer.alloc(14)),
  attribute(2, 0x00018010, Buffer.from('b.txt\0')),
  attribute(2, 0x0006800f, Buffer.from('football')),
  attribute(2, 0x00069002, Buffer.alloc(14)),
]);

function list(bytes: Buffer): Promise<Listed> {
  return listAll(readTnef(new MemorySource(bytes), ContainerBudget.forContainer(bytes.length)));
}

test('attachments of a winmail.dat with their long or short name, where they lie', async () => {
  assert.ok(isTnef(SOUND) && !isTnef(Buffer.from('winmail')));
  const { contents, members, codes } = await list(SOUND);
  assert.deepEqual(codes, []);
  assert.deepEqual(Object.fromEntries(contents), { '\\[part1]/Pitch in Köln.jpg': PICTURE, '\\[part2]/b.txt': Buffer.from('football') });
  const { sourceOffset, length } = members.get('\\[part2]/b.txt')!.extents![0]!;
  assert.equal(SOUND.toString('latin1', sourceOffset, sourceOffset + length), 'football');
});

test('cut anywhere and 500 damaged copies: what was whole is listed, the rest is told', async () => {
  for (let cut = 0; cut < SOUND.length; cut += 13) {
    const { codes, contents } = await list(SOUND.subarray(0, cut));
    assert.ok(codes.every((code) => code === 'tnef-damaged') && codes.length <= 1);
    assert.ok(codes.length === 1 || contents.size <= 2);
  }
  for (let seed = 1; seed <= 500; seed++) assert.ok(!(await list(mutate(SOUND, seed))).codes.includes('internal-fault'));
});
