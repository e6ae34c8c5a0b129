import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { makePicture, mutate, writeAndroidBackup } from '@kerbside/corpus';
import { MemorySource } from '@kerbside/bytes';
import { ContainerBudget } from '../container-budget.ts';
import { listAll, type Listed } from '../test-list-all.ts';
import { isAndroidBackup, readAndroidBackup } from './read-android-backup.ts';

const FILES: Record<string, Buffer> = {
  'apps/org.example.chat/_manifest': Buffer.from('1\norg.example.chat\n'),
  'apps/org.example.chat/f/pictures/pitch.jpg': makePicture({ kind: 'jpeg', widthPx: 90, heightPx: 60, seed: 3 }),
  'shared/0/DCIM/Camera/IMG_0001.png': makePicture({ kind: 'png', widthPx: 60, heightPx: 40, seed: 4 }),
  'shared/0/Download/empty': Buffer.alloc(0),
};

function makeTar(): Buffer {
  const place = mkdtempSync(join(tmpdir(), 'kerbside-ab-'));
  try {
    for (const [path, content] of Object.entries(FILES)) {
      mkdirSync(join(place, dirname(path)), { recursive: true });
      writeFileSync(join(place, path), content);
    }
    return spawnSync('tar', ['-cf', '-', '-C', place, '--mtime=@1772000000', ...Object.keys(FILES)], { maxBuffer: 1 << 26 }).stdout;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const TAR = makeTar();

function list(bytes: Buffer, password?: string): Promise<Listed> {
  return listAll(readAndroidBackup(new MemorySource(bytes), { password: password ?? null }, ContainerBudget.forContainer(bytes.length)));
}

for (const isPacked of [false, true]) {
  for (const [password, version] of [[undefined, 5], ['Elfmeter ß', 5], ['Elfmeter ß', 1]] as const) {
    test(`an Android backup of version ${version}, ${isPacked ? 'packed' : 'not packed'}, ${password === undefined ? 'open' : 'encrypted'}`, async () => {
      const bytes = writeAndroidBackup({ tar: TAR, isPacked, version, ...(password === undefined ? {} : { password }) });
      assert.ok(isAndroidBackup(bytes));
      const { contents, members, codes } = await list(bytes, password);
      assert.deepEqual(codes, []);
      assert.deepEqual(Object.fromEntries(contents), FILES);
      assert.equal(members.get('shared/0/DCIM/Camera/IMG_0001.png')?.times.modified?.seconds, 1_772_000_000);
    });
  }
}

test('a key blob written the old way under a new version is opened all the same', async () => {
  const old = writeAndroidBackup({ tar: TAR, isPacked: true, password: 'x', version: 1 });
  const renamed = Buffer.from(old.toString('latin1').replace('BACKUP\n1\n', 'BACKUP\n4\n'), 'latin1');
  assert.deepEqual((await list(renamed, 'x')).codes, []);
});

test('no password, a wrong one, and heads that lie: each by its name', async () => {
  const sound = writeAndroidBackup({ tar: TAR, isPacked: true, password: 'right' });
  assert.deepEqual((await list(sound)).codes, ['backup-encrypted']);
  for (const wrong of ['', 'Right', 'right ']) assert.deepEqual((await list(sound, wrong)).codes, ['backup-password-wrong'], wrong);
  const head = async (text: string): Promise<string[]> => (await list(Buffer.from(text), 'x')).codes;
  assert.deepEqual(await head('ANDROID BACKUP\n9\n1\nnone\n'), ['android-version-unknown']);
  assert.deepEqual(await head('ANDROID BACKUP\n5\n7\nnone\n'), ['android-head-damaged']);
  assert.deepEqual(await head('ANDROID BACKUP\n5\n1\nROT-13\n'), ['android-cipher-unknown']);
  assert.deepEqual(await head('ANDROID BACKUP\n5\n1\nAES-256\nAA\nBB\n4000000000\nCC\nDD\n'), ['android-head-damaged']);
  assert.deepEqual(await head(`ANDROID BACKUP\n5\n1\nAES-256\nAA\nBB\n4000000000\n${'00'.repeat(16)}\n${'00'.repeat(96)}\n`), ['backup-key-rounds-limit']);
  assert.deepEqual(await head('ANDROID BACKUP\n5\n1'), ['android-head-damaged']);
  assert.deepEqual(await head('something else'), ['android-head-damaged']);
  assert.deepEqual(await head('ANDROID BACKUP\n5\n1\nnone\nno zlib here'), ['deflate-damaged']);
});

test('cut anywhere and 300 damaged copies: members and a problem, never an exception past the reader', async () => {
  const backups = [writeAndroidBackup({ tar: TAR, isPacked: true, password: 'x' }), writeAndroidBackup({ tar: TAR, isPacked: true }), writeAndroidBackup({ tar: TAR, isPacked: false, password: 'x' })];
  for (const whole of backups) {
    for (let part = 1; part < 20; part++) {
      const { codes, contents } = await list(whole.subarray(0, Math.floor((whole.length * part) / 20)), 'x');
      assert.ok(codes.length > 0 || [...contents.values()].some((content) => typeof content === 'string') || contents.size < 4, `${part}/20`);
      assert.ok(!codes.includes('internal-fault'));
    }
  }
  for (let seed = 1; seed <= 300; seed++) {
    const { codes } = await list(mutate(backups[seed % 3]!, seed), 'x');
    assert.ok(!codes.includes('internal-fault'), `seed ${seed}`);
  }
});
