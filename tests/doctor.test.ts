/*
 * `kerbside doctor`: what belongs to this machine. It looks, and makes nothing.
 */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { kerbside, makeFolder } from './support/run-kerbside.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());
const home = join(folder.path, 'home');

interface Finding {
  readonly name: string;
  readonly state: string;
  readonly what: string;
}

/** Findings by name. */
function look(): Map<string, Finding> {
  const run = kerbside(['doctor', '--json'], { KERBSIDE_HOME: home });
  assert.equal(run.status, 0, run.stderr);
  return new Map((JSON.parse(run.stdout) as { findings: Finding[] }).findings.map((finding) => [finding.name, finding]));
}

test('before the first run: no keys, no controls, and nothing is made by looking', () => {
  const found = look();
  assert.equal(found.get('Home folder')?.state, 'ok');
  assert.deepEqual([found.get('Keys')?.state, found.get('Keys')?.what.startsWith('none yet')], ['limited', true]);
  assert.match(found.get('Controls')!.what, /is made before the first run/);
  assert.ok(!existsSync(home));
  assert.match(kerbside(['doctor'], { KERBSIDE_HOME: home }).stdout, /limited +Keys +none yet: .*kerbside keys --owner/);
});

test('with keys: owner and ids; a file or a folder open to others is told with what to do', () => {
  const made = JSON.parse(kerbside(['keys', '--owner', 'Exampleshire, unit 1', '--json'], { KERBSIDE_HOME: home }).stdout) as { path: string; signerId: string; codeKeyId: string };
  const keys = look().get('Keys');
  assert.deepEqual([keys?.state, keys?.what], ['ok', `Exampleshire, unit 1; signer ${made.signerId}, code key ${made.codeKeyId}`]);
  chmodSync(made.path, 0o644);
  assert.deepEqual([look().get('Keys')?.state, /chmod 600 .*\(key-file-open-to-others\)$/.test(look().get('Keys')!.what)], ['missing', true]);
  chmodSync(made.path, 0o600);
  chmodSync(home, 0o777);
  assert.match(look().get('Home folder')!.what, /other users may write to .*chmod 700/);
  chmodSync(home, 0o700);
});

test('control files that are there and wrong are told', () => {
  const pictures = join(folder.path, 'pictures');
  mkdirSync(pictures);
  writeFileSync(join(pictures, 'a.txt'), 'a final score of two to one');
  writeFileSync(join(folder.path, 'list.sha1'), `${'ab'.repeat(20)}\n`);
  const set = join(folder.path, 'list.kset');
  assert.equal(kerbside(['set', 'build', set, '--from', join(folder.path, 'list.sha1'), '--meaning', 'alert']).status, 0);
  kerbside(['triage', pictures, '--set', set, '--out', join(folder.path, 'out')], { KERBSIDE_HOME: home });
  assert.match(look().get('Controls')!.what, /is there and as it was sealed/);
  const controls = readdirSync(home).find((name) => name.startsWith('controls-'))!;
  const volume = readdirSync(join(home, controls)).find((name) => name.endsWith('.img'))!;
  writeFileSync(join(home, controls, volume), 'something else');
  assert.deepEqual([look().get('Controls')?.state, /control-volume-altered/.test(look().get('Controls')!.what)], ['missing', true]);
});
