import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePicture, mutate, writeCompoundFile } from '@kerbside/corpus';
import { MemorySource } from '@kerbside/bytes';
import { ContainerBudget } from '../container-budget.ts';
import { sniffContent } from '../sniff-content.ts';
import { listAll, type Listed } from '../test-list-all.ts';
import { readMsg } from './read-msg.ts';

const PICTURE = makePicture({ kind: 'jpeg', widthPx: 90, heightPx: 70, seed: 8 });
const SOUND = writeCompoundFile(
  [
    { name: '__substg1.0_0037001F', content: Buffer.from('The match', 'utf16le') },
    { name: '__substg1.0_37010102', content: PICTURE },
    { name: '__substg1.0_3707001F', content: Buffer.from('pitch.jpg', 'utf16le') },
    { name: '__substg1.0_37010102', content: Buffer.from('small') },
  ],
  true,
);

function list(bytes: Buffer): Promise<Listed> {
  return listAll(readMsg(new MemorySource(bytes), ContainerBudget.forContainer(bytes.length)));
}

test('attachments of a .msg, in pieces or small, where they lie', async () => {
  assert.equal(sniffContent(SOUND), 'mail/msg');
  const { contents, codes } = await list(SOUND);
  assert.deepEqual(codes, []);
  assert.deepEqual(Object.fromEntries(contents), { '\\[part1]': PICTURE, '\\[part2]': Buffer.from('small') });
});

test('500 damaged and 50 cut copies: members or problems, never an exception past the reader', async () => {
  for (let seed = 1; seed <= 550; seed++) {
    const { codes } = await list(seed > 500 ? SOUND.subarray(0, Math.floor((SOUND.length * (seed - 500)) / 51)) : mutate(SOUND, seed));
    assert.ok(!codes.includes('internal-fault'), `seed ${seed}`);
  }
});
