import assert from 'node:assert/strict';
import test from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { writeTar, writeZip } from '@kerbside/corpus';
import { readMember, splitMemberPath } from './read-member.ts';

const zip = writeZip([
  { name: 'a/b.txt', content: Buffer.from('first') },
  { name: 'a/b.txt', content: Buffer.from('second'), method: 8 },
  { name: '../c', content: Buffer.from('climber') },
]);
const tar = writeTar([{ name: 'inner.zip', content: zip }]);
const read = async (member: string): Promise<string> => Buffer.from(await readMember(new MemorySource(tar), member)).toString();

test('a member is read by the path that a report gives it, through containers in containers', async () => {
  assert.equal(await read('\\[tar]/inner.zip/\\[zip]/a/b.txt'), 'first');
  assert.equal(await read('\\[tar]/inner.zip/\\[zip]/a/b.txt\\[2]'), 'second');
  assert.equal(await read('\\[tar]/inner.zip/\\[zip]/\\../c'), 'climber');
  assert.deepEqual(Buffer.from(await read('\\[tar]/inner.zip')).length > 0, true);
});

test('what is not there is told', async () => {
  for (const path of ['\\[tar]/inner.zip/\\[zip]/a', '\\[zip]/a/b.txt', '\\[tar]/inner.zip/\\[zip]/a/b.txt\\[3]', '\\[tar]/inner.zip/\\[tar]/a/b.txt']) await assert.rejects(read(path), { code: 'still-item-not-found' }, path);
});

test('a path is taken apart at its first container; carved files lie in none', () => {
  assert.deepEqual(splitMemberPath('p1/x/a.tar/\\[tar]/b.zip/\\[zip]/c'), { item: 'p1/x/a.tar', member: '\\[tar]/b.zip/\\[zip]/c' });
  assert.equal(splitMemberPath('p1/\\[carved]/0001.jpg'), null);
  assert.equal(splitMemberPath('p1/a [zip]/b'), null);
});
