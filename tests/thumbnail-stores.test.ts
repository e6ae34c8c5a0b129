/*
 * Stores of thumbnails that only their names tell, through the real command and with the quick profile: members are
 * hits and near-matches with their places, and a store that is not read is no clear answer. All pictures are generated.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { makePhotograph, writeQuickLookStore, writeThumbdata, writeZip } from '@kerbside/corpus';
import type { Report } from '@kerbside/triage';
import sharp from 'sharp';
import { kerbside, makeFolder, readReport } from './support/run-kerbside.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());
const at = (...names: string[]): string => join(folder.path, ...names);

const photographs: { readonly png: Buffer; readonly jpeg: Buffer; readonly small: Buffer; readonly rgb: Buffer }[] = [];
const [WIDTH, HEIGHT] = [320, 240];

before(async () => {
  for (let seed = 1; seed <= 4; seed++) {
    const { pixels, widthPx, heightPx } = makePhotograph(seed, 800, 600);
    const image = sharp(pixels, { raw: { width: widthPx, height: heightPx, channels: 3 } });
    const small = await image.clone().resize(96).jpeg({ quality: 70 }).toBuffer();
    photographs.push({ png: await image.clone().resize(400).png().toBuffer(), jpeg: await image.clone().jpeg({ quality: 88 }).toBuffer(), small, rgb: await image.clone().resize(WIDTH, HEIGHT).raw().toBuffer() });
  }
  mkdirSync(at('known'));
  for (const [number, { jpeg, small }] of photographs.entries()) {
    writeFileSync(at('known', `k${number}.jpg`), jpeg);
    writeFileSync(at('known', `s${number}.jpg`), small);
  }
  const built = kerbside(['set', 'build', at('known.kset'), '--from-folder', at('known'), '--meaning', 'alert', '--name', 'Known']);
  assert.equal(built.status, 0, built.stderr);
});

function triage(name: string, files: Readonly<Record<string, Uint8Array>>, ...options: string[]): Report {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(at(name, path, '..'), { recursive: true });
    writeFileSync(at(name, path), content);
  }
  const run = kerbside(['triage', at(name), '--set', at('known.kset'), '--out', at(`${name}-out`), '--json', ...options]);
  assert.ok(run.status === 0 || run.status === 10 || run.status === 20, run.stderr);
  return readReport(at(`${name}-out`));
}

test('.thumbdata is told by its name: an empty beginning hides nothing, and a JPEG at the start is not all there is', () => {
  const slots = writeThumbdata(new Map([[12, photographs[0]!.small]]));
  const free = Buffer.concat([photographs[1]!.small, Buffer.alloc(500), photographs[2]!.small]);
  const report = triage('android', { 'DCIM/.thumbnails/.thumbdata3--1967290299': slots, 'DCIM/.thumbnails/.thumbdata4-1': free });
  assert.deepEqual(report.hits.map(({ path }) => path).toSorted(), [
    'DCIM/.thumbnails/.thumbdata3--1967290299/\\[thumbdata]/\\[12]',
    'DCIM/.thumbnails/.thumbdata4-1/\\[thumbdata]/\\[at 0]',
    `DCIM/.thumbnails/.thumbdata4-1/\\[thumbdata]/\\[at ${photographs[1]!.small.length + 500}]`,
  ]);
  assert.deepEqual(report.problems, []);
  assert.equal(report.verdict, 'known-material-found');
});

test('a name like that of a store hides nothing that begins as something else', () => {
  const report = triage('disguise', {
    'thumbdata1.zip': writeZip([{ name: 'a.jpg', content: photographs[0]!.jpeg }]),
    '.thumbdata3.png': photographs[1]!.png,
  }, '--profile', 'everything');
  assert.deepEqual(report.hits.map(({ path }) => path), ['thumbdata1.zip/\\[zip]/a.jpg']);
  assert.deepEqual(report.nearHits.map(({ path }) => path), ['.thumbdata3.png']);
});

test('bitmaps of the QuickLook store are pictures under the names of their files, with the database from its log', () => {
  const store = writeQuickLookStore(
    [{ folder: '/Users/sam/Desktop', name: 'gone.jpg', widthPx: WIDTH, heightPx: HEIGHT, pixels: photographs[0]!.rgb }],
    { changeInLog: true, change: 'UPDATE files SET file_name = \'renamed.jpg\'', rest: Buffer.from('left') },
  );
  const report = triage('mac', Object.fromEntries([...store].map(([name, bytes]) => [`C/com.apple.QuickLook.thumbnailcache/${name}`, bytes])));
  assert.deepEqual(report.nearHits.map(({ path }) => path), [`C/com.apple.QuickLook.thumbnailcache/index.sqlite/\\[quicklook]/Users/sam/Desktop/renamed.jpg/\\[bitmap ${WIDTH}x${HEIGHT}]`]);
  assert.deepEqual(report.problems.map(({ code }) => code), ['thumbnails-left-over']);
  assert.equal(report.verdict, 'needs-examination');
});

test('a store that is not read makes the run need examination, and says where', () => {
  const half = writeQuickLookStore([{ folder: '/x', name: 'a.jpg', widthPx: WIDTH, heightPx: HEIGHT, pixels: photographs[0]!.rgb }]).get('thumbnails.data')!;
  const report = triage('unread', { 'PhotoData/Thumbnails/3303.ithmb': Buffer.alloc(40_000, 5), 'half/thumbnails.data': half });
  assert.equal(report.verdict, 'needs-examination');
  assert.deepEqual(report.problems.map(({ code, where }) => `${code} ${where.path}`).toSorted(), ['thumbnails-unsupported PhotoData/Thumbnails/3303.ithmb', 'thumbnails-unsupported half/thumbnails.data']);
});

test('a program with a ZIP behind it is opened where everything is looked at', () => {
  const zip = writeZip([{ name: 'in/known.jpg', content: photographs[3]!.jpeg }], { prefix: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(50_000, 0x90)]) });
  const report = triage('program', { 'setup.exe': zip, 'plain.exe': Buffer.concat([Buffer.from('MZ'), Buffer.alloc(5000, 0x90)]) }, '--profile', 'everything');
  assert.deepEqual(report.hits.map(({ path }) => path), ['setup.exe/\\[zip]/in/known.jpg']);
});
