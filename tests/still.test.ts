/* Stills through the real command: from a disk image, through the sandbox, into the sealed store and a file of the officer's. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { createImageFile, createMemoryImage, makePicture, writeAndroidBackup, writeFatVolume, writeRar5, writeTar, writeZip } from '@kerbside/corpus';
import { buildSet } from '@kerbside/match';
import { readShowings, SHOWINGS_NAME, STILL_STORE_NAME, type Report } from '@kerbside/triage';
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

const skipVideo = skip !== false ? skip : existsSync('/usr/bin/ffmpeg') && existsSync('/usr/bin/bsdtar') ? false : 'ffmpeg or bsdtar is not installed';

/** A clip of one generated scene, ten frames a second. */
function makeClip(name: string, seed: number, ...more: readonly string[]): Buffer {
  writeFileSync(at(`${name}.png`), makePicture({ kind: 'png', seed, widthPx: 320, heightPx: 240 }));
  execFileSync('/usr/bin/ffmpeg', ['-v', 'error', '-nostdin', '-loop', '1', '-t', '4', '-i', at(`${name}.png`), '-vf', 'format=yuv420p', '-r', '10', '-g', '10', '-c:v', 'mpeg4', '-q:v', '3', ...more, at(`${name}.mp4`)]);
  return readFileSync(at(`${name}.mp4`));
}

test('everything that the content lane lists can be shown by the path in the report: videos, members of archives and of locked backups, carved files', { skip: skipVideo }, async () => {
  const clip = makeClip('clip', 51);
  const picture = (seed: number): Buffer => makePicture({ kind: 'jpeg', seed, widthPx: 320, heightPx: 240 });
  const known = makeClip('known', 52);
  const tree = [
    { path: 'DCIM/CLIP.MP4', content: clip },
    { path: 'DCIM/KNOWN.MP4', content: known },
    { path: 'CLIPS.ZIP', content: writeZip([{ name: 'trip/stored.mp4', content: makeClip('stored', 53), method: 0 }, { name: 'trip/packed.mp4', content: makeClip('packed', 54), method: 8 }]) },
    { path: 'TRIP.RAR', content: writeRar5([{ name: 'trip/a.jpg', content: picture(55) }]) },
    { path: 'PHONE.AB', content: writeAndroidBackup({ tar: writeTar([{ name: 'apps/x/f/b.jpg', content: picture(56) }]), isPacked: true, password: 'cup final 1966' }) },
  ];
  const sizeBytes = 16 * 1024 * 1024;
  const card = createMemoryImage(sizeBytes);
  writeFatVolume({ fatBits: 16, sizeBytes, clusterSizeBytes: 2048, seed: 3, tree, sink: card });
  card.bytes.set(picture(57), sizeBytes / 2);
  writeFileSync(at('clips.img'), card.bytes);
  writeFileSync(at('passwords.txt'), 'league cup\ncup final 1966\n');
  writeFileSync(at('clips.txt'), `${createHash('sha256').update(known).digest('hex')}\n`);
  await buildSet({ inputs: [at('clips.txt')], out: at('clips.kset'), meaning: 'alert', name: 'Clips' });
  const run = kerbside(['triage', at('clips.img'), '--set', at('clips.kset'), '--out', at('clips-run'), '--profile', 'everything', '--password-file', at('passwords.txt')]);
  assert.equal(run.status, 10, run.stderr);
  const report = JSON.parse(readFileSync(at('clips-run/report.json'), 'utf8')) as Report;
  const listed = report.ranking!.rows.map(({ path }) => path).sort();
  const found = listed.map((path) => path.slice(path.indexOf('/') + 1).replace(/\d{13}/, 'PLACE'));
  const wanted = ['CLIPS.ZIP/\\[zip]/trip/packed.mp4', 'CLIPS.ZIP/\\[zip]/trip/stored.mp4', 'DCIM/CLIP.MP4', 'PHONE.AB/\\[android]/apps/x/f/b.jpg', 'TRIP.RAR/\\[rar5]/trip/a.jpg', '\\[carved]/PLACE.jpg'];
  assert.deepEqual(found, wanted);

  const shown = kerbside(['still', at('clips-run'), ...listed, '--officer', 'PC Test', '--password-file', at('passwords.txt'), '--mode', 'grey', '--size', '96', '--json']);
  assert.equal(shown.status, 0, shown.stderr);
  const facts = shown.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { item: string; kind: string; seconds?: number[]; widthPx: number; heightPx: number; mode: string });
  assert.deepEqual(facts.map(({ item, kind }) => [item, kind]), listed.map((path) => [path, path.endsWith('4') ? 'video' : 'picture']));
  for (const { kind, seconds, widthPx, heightPx, mode, item } of facts) {
    assert.deepEqual([mode, widthPx, heightPx], kind === 'video' ? ['grey', 3 * 96 + 8, 3 * 72 + 8] : ['grey', 96, 72], item);
    assert.equal(seconds?.length, kind === 'video' ? 9 : undefined, item);
  }
  const locked = listed.find((path) => path.includes('[android]'))!;
  const videoPath = listed.find((path) => path.endsWith('CLIP.MP4'))!;
  const mixed = kerbside(['still', at('clips-run'), locked, videoPath.replace('CLIP.MP4', 'KNOWN.MP4'), videoPath, '--officer', 'PC Test', '--mode', 'grey', '--size', '96']);
  assert.equal(mixed.status, 2);
  assert.match(mixed.stderr, /--password-file[^]*still-known-material/);
  assert.match(mixed.stdout, /CLIP\.MP4: video, 9 frames, grey, .* kept from before/, 'what is wrong with one keeps nobody from the next');
  const { showings, intact } = readShowings(at('clips-run'));
  assert.ok(intact);
  assert.deepEqual(showings.map((one) => [one.event, one.kind]), [...listed.map((path) => ['made', path.endsWith('4') ? 'video' : 'picture']), ['refused', 'video']]);
});

test('a folder that is no run gets no store of stills', () => {
  mkdirSync(at('no-run'));
  const asked = kerbside(['still', at('no-run'), 'a.jpg', '--officer', 'PC Test']);
  assert.match(asked.stderr, /run-report-unreadable/);
  assert.deepEqual(readdirSync(at('no-run')), []);
});
