/* Stills through the real command: from a disk image, through the sandbox, into the sealed store and a file of the officer's. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { createImageFile, makePicture, writeFatVolume } from '@kerbside/corpus';
import { buildSet } from '@kerbside/match';
import { readShowings, SHOWINGS_NAME, STILL_STORE_NAME } from '@kerbside/triage';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { makeFolder } from './support/run-kerbside.ts';

const skip = existsSync('/usr/bin/bwrap') ? false : 'bubblewrap is not installed';
const folder = makeFolder();
after(() => folder[Symbol.dispose]());

const KNOWN = makePicture({ kind: 'jpeg', seed: 21, widthPx: 320, heightPx: 240 });
const UNSEEN = makePicture({ kind: 'jpeg', seed: 22, widthPx: 640, heightPx: 480 });

const at = (name: string): string => join(folder.path, name);

/** A card with a known and an unseen picture, and its finished run. */
async function makeRun(): Promise<string> {
  const card = createImageFile(at('card.img'), 16 * 1024 * 1024);
  const tree = [
    { path: 'DCIM/KNOWN.JPG', content: KNOWN },
    { path: 'DCIM/UNSEEN.JPG', content: UNSEEN },
    { path: 'NOTES.TXT', content: Buffer.from('Football results of the season') },
  ];
  writeFatVolume({ fatBits: 16, sizeBytes: 16 * 1024 * 1024, clusterSizeBytes: 2048, seed: 3, tree, sink: card });
  card.close();
  writeFileSync(at('list.txt'), `${createHash('sha256').update(KNOWN).digest('hex')}\n`);
  await buildSet({ inputs: [at('list.txt')], out: at('list.kset'), meaning: 'alert', name: 'Example list' });
  const run = kerbside(['triage', at('card.img'), '--set', at('list.kset'), '--out', at('run')]);
  assert.equal(run.status, 10, run.stderr);
  return (JSON.parse(readFileSync(at('run/report.json'), 'utf8')) as { hits: { path: string }[] }).hits[0]!.path;
}

test('an officer sees an unseen item small and as a drawing, a known one only when asked for, and everything is recorded', { skip }, async () => {
  const knownPath = await makeRun();
  const unseenPath = knownPath.replace('KNOWN', 'UNSEEN');
  const still = (...argv: string[]) => kerbside(['still', at('run'), ...argv]);

  assert.match(still(unseenPath).stderr, /officer-name-needed/);
  const made = still(unseenPath, '--officer', 'PC Test', '--json');
  assert.equal(made.status, 0, made.stderr);
  const facts = JSON.parse(made.stdout) as Record<string, unknown>;
  assert.deepEqual([facts['mode'], facts['widthPx'], facts['heightPx'], facts['from'], facts['file']], ['drawing', 160, 120, 'made', null]);

  const shown = still(unseenPath, '--officer', 'PC Test', '--to', at('still.png'));
  assert.equal(shown.status, 0, shown.stderr);
  assert.match(shown.stdout, /kept from before/);
  const png = readFileSync(at('still.png'));
  assert.equal(png.toString('latin1', 1, 4), 'PNG');
  assert.equal(statSync(at('still.png')).mode & 0o777, 0o600);
  assert.equal(readFileSync(at(`run/${STILL_STORE_NAME}`)).indexOf(png.subarray(40, 72)), -1, 'the store holds nothing of it in clear');
  assert.match(still(unseenPath, '--officer', 'PC Test', '--to', at('still.png')).stderr, /still-file-not-writable/, 'nothing is written over');

  const refused = still(knownPath, '--officer', 'PC Test', '--to', at('known.png'));
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /still-known-material/);
  assert.equal(existsSync(at('known.png')), false);
  assert.equal(still(knownPath, '--officer', 'PC Test', '--to', at('known.jpg'), '--mode', 'blur', '--show-known').status, 0);

  assert.match(still(knownPath.replace(/DCIM.*/, 'NOTES.TXT'), '--officer', 'PC Test').stderr, /picture-unknown/);
  const { showings, intact } = readShowings(at('run'));
  assert.equal(intact, true);
  assert.deepEqual(showings.map((one) => [one.event, one.item === knownPath, one.mode]), [
    ['made', false, 'drawing'], ['shown', false, 'drawing'], ['shown', false, 'drawing'], ['refused', true, 'drawing'], ['made', true, 'blur'], ['shown', true, 'blur'], ['made', false, 'drawing'],
  ]);
  assert.ok(showings.every((one) => one.officer === 'PC Test' && one.login !== '' && !Number.isNaN(Date.parse(one.at))));
  assert.ok(readdirSync(at('run')).includes(SHOWINGS_NAME));
  // The same run taken up again accepts its own store and record.
  assert.equal(kerbside(['triage', at('card.img'), '--set', at('list.kset'), '--out', at('run')]).status, 10);
});

test('a still is never written into a source that is a folder', { skip }, () => {
  mkdirSync(at('source'));
  writeFileSync(at('source/a.jpg'), UNSEEN);
  assert.equal(kerbside(['triage', at('source'), '--set', at('list.kset'), '--out', at('folder-run')]).status, 0);
  const inside = kerbside(['still', at('folder-run'), 'a.jpg', '--officer', 'PC Test', '--to', at('source/still.png')]);
  assert.match(inside.stderr, /out-folder-in-source/);
  assert.equal(kerbside(['still', at('folder-run'), 'a.jpg', '--officer', 'PC Test', '--to', at('out.jpg'), '--mode', 'grey', '--size', '96']).status, 0);
  assert.deepEqual(readdirSync(at('source')), ['a.jpg']);
});
