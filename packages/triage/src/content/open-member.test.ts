/* What the lane lists inside a container must open under the very path that it gives, and be the same bytes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { describe, it, test, after } from 'node:test';
import { MemorySource, readView } from '@kerbside/bytes';
import { writeAndroidBackup, writeTar, writeZip } from '@kerbside/corpus';
import { startDecoders, type Decoders } from '@kerbside/decode';
import { sniffContent, type BackupFolder } from '@kerbside/evidence';
import { DIGEST_BIT } from '../digests.ts';
import { createContainerDoors } from './container-doors.ts';
import type { ContentTools } from './content-tools.ts';
import { examineItem } from './examine-item.ts';
import { openMember, splitMemberPath } from './open-member.ts';
import { makeContainers, PASSWORD, type MadeContainer } from './test-containers.ts';

let pool: Promise<Decoders> | null = null;
after(async () => (await pool)?.close());
const tools = (): Promise<Decoders> => (pool ??= startDecoders({ workers: 1, profile: 'tools' }));
const doors = createContainerDoors(['league cup', PASSWORD], tools);

const laneTools: ContentTools = { ...doors, sniff: sniffContent, decodePicture: () => Promise.reject(new Error('not asked')), decodeVideo: () => Promise.reject(new Error('not asked')), close: async () => undefined };

function folderOf({ files }: MadeContainer): BackupFolder | null {
  if (!files.has('Manifest.plist')) return null;
  return (names) => {
    const bytes = files.get(names.join('/'));
    return bytes === undefined ? null : new MemorySource(bytes);
  };
}

async function readMember(bytes: Uint8Array, path: string, backup: BackupFolder | null = null, through = doors): Promise<Uint8Array> {
  const source = await openMember(new MemorySource(bytes), path, through, backup);
  try {
    return readView(source, 0, source.sizeBytes).bytes;
  } finally {
    source.close();
  }
}

const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

describe('every member that the lane lists opens by its path, and is the same content', () => {
  for (const made of makeContainers()) {
    const needsSandbox = made.kind.includes('RAR') && !existsSync('/usr/bin/bwrap');
    it(made.kind, { skip: made.missing ?? (needsSandbox ? 'bubblewrap is not installed' : false) }, async () => {
      const [bytes] = made.files.values();
      const backup = folderOf(made);
      const unit = await examineItem(0, () => new MemorySource(bytes!), { tools: laneTools, decodesMedia: false, maskOf: () => DIGEST_BIT.sha1, isStopped: () => false }, backup);
      assert.deepEqual(unit.problems, []);
      const digests = unit.members.map(({ digests: packed }) => Buffer.from(packed).toString('hex'));
      assert.ok(made.picture === null ? digests.length > 0 : digests.includes(sha1(made.picture)), `the picture in ${unit.members.map(({ member }) => member).join(', ')}`);
      for (const [index, { member }] of unit.members.entries()) assert.equal(sha1(await readMember(bytes!, member, backup)), digests[index], member);
    });
  }
});

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
  const closed = createContainerDoors(['league cup'], tools);
  const android = writeAndroidBackup({ tar, isPacked: true, password: PASSWORD });
  const phone = makeContainers().find(({ kind }) => kind === 'phone backup with a password')!;
  const advice = { code: 'still-item-unreadable', message: /--password-file.*backup-password-wrong/s };
  await assert.rejects(readMember(android, '\\[android]/inner.zip', null, closed), advice);
  await assert.rejects(readMember(phone.files.get('Manifest.plist')!, '\\[ios]/CameraRollDomain/Media/holiday/bridge.jpg', folderOf(phone), closed), advice);
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
