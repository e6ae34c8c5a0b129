import assert from 'node:assert/strict';
import test from 'node:test';
import { MemorySource, readView } from '@kerbside/bytes';
import { writeAndroidBackup, writePhoneBackup, writeTar, writeZip } from '@kerbside/corpus';
import type { BackupFolder } from '@kerbside/evidence';
import { createContainerDoors } from './container-doors.ts';
import { openMember, splitMemberPath } from './open-member.ts';

const doors = createContainerDoors(['league cup'], () => Promise.reject(new Error('no tools here')));

async function readMember(bytes: Uint8Array, path: string, backup: BackupFolder | null = null): Promise<Uint8Array> {
  const source = await openMember(new MemorySource(bytes), path, doors, backup);
  try {
    return readView(source, 0, source.sizeBytes).bytes;
  } finally {
    source.close();
  }
}

const zip = writeZip([
  { name: 'a/b.txt', content: Buffer.from('first') },
  { name: 'a/b.txt', content: Buffer.from('second'), method: 8 },
  { name: '../c', content: Buffer.from('climber') },
]);
const tar = writeTar([{ name: 'inner.zip', content: zip }]);
const read = async (member: string): Promise<string> => Buffer.from(await readMember(tar, member)).toString();

test('two members of one name are told apart as in the report, and names climb nowhere', async () => {
  assert.equal(await read('\\[tar]/inner.zip/\\[zip]/a/b.txt'), 'first');
  assert.equal(await read('\\[tar]/inner.zip/\\[zip]/a/b.txt\\[2]'), 'second');
  assert.equal(await read('\\[tar]/inner.zip/\\[zip]/\\../c'), 'climber');
  assert.ok((await read('\\[tar]/inner.zip')).length > 0);
});

test('what is not there is told', async () => {
  for (const path of ['\\[tar]/inner.zip/\\[zip]/a', '\\[zip]/a/b.txt', '\\[tar]/inner.zip/\\[zip]/a/b.txt\\[3]', '\\[tar]/inner.zip/\\[tar]/a/b.txt', '\\[ios]/CameraRollDomain/a.jpg']) await assert.rejects(read(path), { code: 'still-item-not-found' }, path);
});

test('without the right password a backup stays closed, and what to do is said', async () => {
  const android = writeAndroidBackup({ tar, isPacked: true, password: 'cup final 1966' });
  const phone = writePhoneBackup({ files: [{ domain: 'CameraRollDomain', relativePath: 'Media/a.jpg', content: zip }], password: 'cup final 1966' });
  const folder: BackupFolder = (names) => {
    const bytes = phone.get(names.join('/'));
    return bytes === undefined ? null : new MemorySource(bytes);
  };
  const advice = { code: 'still-item-unreadable', message: /--password-file.*backup-password-wrong/s };
  await assert.rejects(readMember(android, '\\[android]/inner.zip'), advice);
  await assert.rejects(readMember(phone.get('Manifest.plist')!, '\\[ios]/CameraRollDomain/Media/a.jpg', folder), advice);
});

test('an encrypted, a damaged and an unknown packing: each in its own words', async () => {
  const content = Buffer.from('football'.repeat(50));
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [writeZip([{ name: 'a', content, flags: 1 }]), /is encrypted/],
    [writeZip([{ name: 'a', content, method: 97, packed: content }]), /is packed in a way that is not read here/],
  ];
  for (const [bytes, message] of cases) await assert.rejects(readMember(bytes, '\\[zip]/a'), { code: 'still-item-unreadable', message });
  await assert.rejects(readMember(writeZip([{ name: 'a', content, statedCrc: 1 }]), '\\[zip]/a'), { code: 'zip-member-checksum' });
});

test('a path is taken apart at its first container; carved files lie in none', () => {
  assert.deepEqual(splitMemberPath('p1/x/a.tar/\\[tar]/b.zip/\\[zip]/c'), { item: 'p1/x/a.tar', member: '\\[tar]/b.zip/\\[zip]/c' });
  assert.equal(splitMemberPath('p1/\\[carved]/0001.jpg'), null);
  assert.equal(splitMemberPath('p1/a [zip]/b'), null);
});
