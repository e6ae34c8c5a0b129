import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePicture, mutate, writeBplist, writePhoneBackup, type PhoneFile, type PlistInput } from '@kerbside/corpus';
import { KerbsideError } from '@kerbside/bytes';
import { isBackupFolder } from './backup-folder.ts';
import { readBackup } from './read-backup.ts';
import { listAll } from '../test-list-all.ts';
import { folderOf } from './test-backup.ts';

const PICTURE = makePicture({ kind: 'jpeg', widthPx: 96, heightPx: 64, seed: 4 });
const FILES: readonly PhoneFile[] = [
  { domain: 'CameraRollDomain', relativePath: 'Media/DCIM/100APPLE', content: null },
  { domain: 'CameraRollDomain', relativePath: 'Media/DCIM/100APPLE/IMG_0001.JPG', content: PICTURE, modifiedSeconds: 1_771_000_000 },
  { domain: 'HomeDomain', relativePath: 'Library/Notes/Köln ⚽.txt', content: Buffer.from('The match ended two to one.') },
  { domain: 'HomeDomain', relativePath: 'Library/empty', content: Buffer.alloc(0) },
  { domain: 'AppDomain-org.example.chat', relativePath: 'Documents/large.bin', content: Buffer.alloc(2_500_000, 'football ') },
];
const PATHS = FILES.map(({ domain, relativePath }) => `${domain}/${relativePath}`);

async function list(backup: Map<string, Buffer>, password?: string): ReturnType<typeof listAll> {
  return listAll(readBackup(folderOf(backup), { password: password ?? null }));
}

for (const [name, options, password] of [
  ['plain', {}, undefined],
  ['encrypted', { password: 'Elfmeter 7' }, 'Elfmeter 7'],
  ['old', { form: 'old' }, undefined],
  ['old and encrypted', { form: 'old', password: 'Elfmeter 7' }, 'Elfmeter 7'],
] as const) {
  test(`a backup, ${name}: every file by its path on the phone, whole, with its times`, async () => {
    const backup = writePhoneBackup({ files: FILES, ...options });
    assert.ok(isBackupFolder([...backup.keys()]));
    const { members, contents, codes } = await list(backup, password);
    assert.deepEqual(codes, []);
    assert.deepEqual([...members.keys()].sort(), [...PATHS].sort());
    for (const [i, { content }] of FILES.entries()) {
      if (content === null) assert.equal(members.get(PATHS[i]!)?.kind, 'directory');
      else assert.deepEqual(contents.get(PATHS[i]!), Buffer.from(content), PATHS[i]);
    }
    const picture = members.get(PATHS[1]!)!;
    assert.equal(picture.sizeBytes, PICTURE.length);
    assert.deepEqual(picture.times.modified, { seconds: 1_771_000_000, nanoseconds: 0, zone: 'utc' });
  });
}

test('any range of an encrypted file can be read', () => {
  const backup = writePhoneBackup({ files: FILES, password: 'x' });
  for (const event of readBackup(folderOf(backup), { password: 'x' })) {
    if (event.type === 'problem' || event.member.sizeBytes !== 2_500_000) continue;
    const source = event.member.open();
    const expected = Buffer.alloc(2_500_000, 'football ');
    for (const [offset, length] of [[0, 1], [15, 2], [16, 16], [1_000_001, 70_000], [2_499_999, 1], [2_500_000, 0]] as const) {
      const target = Buffer.alloc(length);
      assert.deepEqual(source.readInto(target, offset), []);
      assert.deepEqual(target, expected.subarray(offset, offset + length), `${offset}+${length}`);
    }
    assert.throws(() => source.readInto(Buffer.alloc(2), 2_499_999), KerbsideError);
    return;
  }
  assert.fail('the large file was not listed');
});

test('without the password, and with a wrong one: told by name, nothing listed as read', async () => {
  const backup = writePhoneBackup({ files: FILES, password: 'right' });
  const locked = await list(backup);
  assert.deepEqual([locked.codes, locked.members.size], [['backup-encrypted'], 0]);
  const wrong = await list(backup, 'Right');
  assert.deepEqual([wrong.codes, wrong.members.size], [['backup-password-wrong'], 0]);
  assert.equal(wrong.problems[0]!.kind, 'unsupported');
  const old = await list(writePhoneBackup({ files: FILES, password: 'right', form: 'old' }), 'wrong');
  assert.deepEqual(old.codes, ['backup-password-wrong']);
  assert.equal(old.members.size, FILES.length);
  assert.equal(old.members.get(PATHS[1]!)?.state, 'encrypted');
  assert.equal(old.contents.get(PATHS[1]!), 'backup-encrypted');
});

test('named faults: files missing, short, without a manifest, a key bag that asks for days', async () => {
  const backup = writePhoneBackup({ files: FILES, password: 'right' });
  const contentNames = [...backup.keys()].filter((name) => name.includes('/'));
  for (const name of contentNames.slice(0, 1)) backup.delete(name);
  for (const name of contentNames.slice(1)) backup.set(name, backup.get(name)!.subarray(0, backup.get(name)!.length - 16));
  const { contents } = await list(backup, 'right');
  const outcomes = [...contents.values()].map((value) => (typeof value === 'string' ? value : 'read'));
  assert.equal(outcomes.filter((value) => value === 'backup-file-missing').length, 1);
  assert.ok(outcomes.filter((value) => value === 'backup-file-size').length >= 1);

  const without = new Map(backup);
  without.delete('Manifest.db');
  assert.deepEqual((await list(without, 'right')).codes, ['backup-manifest-missing']);
  without.delete('Manifest.plist');
  assert.deepEqual((await list(without, 'right')).codes, ['backup-manifest-missing']);

  const manifest = (keyBag: Buffer): Map<string, Buffer> =>
    new Map([...backup, ['Manifest.plist', writeBplist(new Map<string, PlistInput>([['IsEncrypted', true], ['BackupKeyBag', keyBag]]))]]);
  const tag = (name: string, value: Buffer): Buffer => Buffer.concat([Buffer.from(name), Buffer.of(0, 0, 0, value.length), value]);
  const bag = (rounds: number): Buffer => Buffer.concat([tag('UUID', Buffer.alloc(16)), tag('SALT', Buffer.alloc(20)), tag('ITER', Buffer.from(new Uint32Array([rounds]).buffer).swap32())]);
  assert.deepEqual((await list(manifest(bag(0xffffffff)), 'x')).codes, ['backup-key-rounds-limit']);
  assert.deepEqual((await list(manifest(bag(0)), 'x')).codes, ['backup-key-bag-damaged']);
  assert.deepEqual((await list(manifest(bag(10)), 'x')).codes, ['backup-key-bag-damaged'], 'no class at all');
  assert.deepEqual((await list(manifest(Buffer.from('UUID\xff\xff\xff\xff', 'latin1')), 'x')).codes, ['backup-key-bag-damaged']);
  assert.deepEqual((await list(new Map([...backup, ['Manifest.db', Buffer.from('not a database')]]), 'right')).codes, ['sqlite-not-a-database']);
});

test('600 damaged backups: members or problems, never an exception past the reader', async () => {
  const small = FILES.slice(0, 4);
  const backups = [writePhoneBackup({ files: small }), writePhoneBackup({ files: small, password: 'x' }), writePhoneBackup({ files: small, form: 'old' })];
  const originals = backups.map((backup) => [...backup.keys()].filter((name) => name.startsWith('Manifest.')));
  let told = 0;
  for (let seed = 1; seed <= 600; seed++) {
    const which = seed % 3;
    const name = originals[which]![seed % originals[which]!.length]!;
    const backup = new Map(backups[which]!);
    backup.set(name, seed % 5 === 0 ? backup.get(name)!.subarray(0, seed * 3) : mutate(backup.get(name)!, seed));
    const { codes, contents } = await list(backup, 'x');
    assert.ok(!codes.includes('internal-fault'), `seed ${seed}`);
    if (codes.length > 0 || [...contents.values()].some((value) => typeof value === 'string')) told += 1;
  }
  assert.ok(told > 100, `only ${told} copies were found damaged`);
});
