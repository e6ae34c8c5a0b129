/*
 * No room: while the journal is written, while the report is, while a set is built. A clear message
 * and exit 2, nothing recorded is lost, and with room made the same command ends as an unbroken run.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync, openSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { makeRandom } from '@kerbside/corpus';
import { compileSet, makeDevice } from './support/make-device.ts';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { digestFile, makeFolder, readReport } from './support/run-kerbside.ts';
import { FIXED_SEED, withoutTimes } from './support/without-times.ts';

const folder = makeFolder();
const small = join(folder.path, 'small');
mkdirSync(small);
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', small]).status === 0;
after(() => {
  if (isMounted) spawnSync('umount', ['-l', small]);
  folder[Symbol.dispose]();
});
const skip = isMounted ? false : 'a small file system can only be mounted by root';

/** Leaves about so many bytes free on the small file system. */
function leaveFree(bytes: number): void {
  const ballast = join(small, 'ballast');
  rmSync(ballast, { force: true });
  const file = openSync(ballast, 'w');
  const block = Buffer.alloc(4096, 1);
  let blocks = 0;
  try {
    for (;;) {
      writeSync(file, block);
      blocks += 1;
    }
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  } finally {
    closeSync(file);
  }
  spawnSync('truncate', ['-s', String(Math.max(0, blocks * 4096 - bytes)), ballast]);
}

function makeRoom(): void {
  rmSync(join(small, 'ballast'), { force: true });
}

const device = makeDevice({ folder: folder.path, filesPerVolume: 60, fileSizeBytes: 20_000, seed: 61 });
const sourceDigest = digestFile(device.imagePath);

function triage(out: string): ReturnType<typeof kerbside> {
  return kerbside(['triage', device.imagePath, '--set', device.setPath, '--out', out, '--seed', FIXED_SEED]);
}

function reportOf(out: string): unknown {
  return withoutTimes(readReport(out));
}

test('no room for the journal or the report: told, exit 2, and taken up once there is room', { skip }, (t) => {
  const whole = join(folder.path, 'whole');
  assert.equal(triage(whole).status, 10);
  const codes = new Map<number, string>();
  for (const freeKib of [0, 4, 24, 48, 80, 120, 160, 220]) {
    const out = join(small, `out-${freeKib}`);
    leaveFree(freeKib * 1024);
    const full = triage(out);
    makeRoom();
    if (full.status !== 10) {
      assert.equal(full.status, 2, `${freeKib} KiB free: ${full.stderr}`);
      assert.match(full.stderr, /room|may write/i, `${freeKib} KiB free`);
      assert.match(full.stderr, /\((out-folder-full|out-folder-not-writable)\)/);
      assert.doesNotMatch(full.stderr, /\n\s+at |fault of this program/);
      codes.set(freeKib, existsSync(join(out, 'run.sqlite')) ? 'journal begun' : 'nothing begun');
      if (existsSync(join(out, 'report.json'))) readReport(out);
    }
    const again = triage(out);
    assert.equal(again.status, 10, `${freeKib} KiB free before: ${again.stderr}`);
    assert.deepEqual(reportOf(out), reportOf(whole), `${freeKib} KiB free before`);
    assert.deepEqual(readdirSync(out).filter((name) => name.endsWith('.part')), []);
    rmSync(out, { recursive: true });
  }
  t.diagnostic(`refused with KiB free: ${[...codes].map(([free, what]) => `${free} (${what})`).join(', ')}`);
  assert.ok(codes.size >= 3, 'the disk was hardly ever full');
  assert.ok([...codes.values()].includes('journal begun'), 'no journal ever ran out of room');
  assert.equal(digestFile(device.imagePath), sourceDigest, 'the source was changed');
});

test('no room for a set: told, exit 2, nothing left behind, and an older set stays as it was', { skip }, () => {
  const random = makeRandom(5);
  const digest = Buffer.alloc(20);
  const lines = Array.from({ length: 150_000 }, (_, n) => {
    random.fill(digest);
    return `${digest.toString('hex')}  file-${n}.jpg\n`;
  });
  const list = join(folder.path, 'long.sha1');
  writeFileSync(list, lines.join(''));
  const out = join(small, 'long.kset');
  const build = (): ReturnType<typeof kerbside> => kerbside(['set', 'build', out, '--from', list, '--meaning', 'alert']);
  const full = build();
  assert.equal(full.status, 2, full.stderr);
  assert.match(full.stderr, /\(set-no-space\)/);
  assert.match(full.stderr, /free|room|space/i);
  assert.deepEqual(readdirSync(small), []);

  compileSet(join(folder.path, 'older.kset'), []);
  const older = readFileSync(join(folder.path, 'older.kset'));
  writeFileSync(out, older);
  assert.equal(build().status, 2);
  assert.deepEqual(readFileSync(out), older, 'the older set was touched');
  assert.deepEqual(readdirSync(small), ['long.kset']);
  assert.equal(kerbside(['set', 'info', out]).status, 0);
});
