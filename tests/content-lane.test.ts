/*
 * The content lane through the real command: altered pictures, members of archives and mail, video, what no set
 * knows; killed in its middle and taken up again. All pictures are generated.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createMemoryImage, makeExif, makePhotograph, putExifIntoJpeg, writeFatVolume, writeMbox, writeMessage, writePhoneBackup, writeTar, writeZip, type CorpusFile } from '@kerbside/corpus';
import type { Report } from '@kerbside/triage';
import sharp from 'sharp';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { digestFile, KERBSIDE, makeFolder, readReport } from './support/run-kerbside.ts';
import { assertSameReport, FIXED_SEED } from './support/without-times.ts';

const MIB = 1024 * 1024;
const folder = makeFolder();
after(() => folder[Symbol.dispose]());
const at = (...names: string[]): string => join(folder.path, ...names);

/** Photographs that the set knows, by number; and some that nobody knows. */
const known: Buffer[] = [];
const unseen: Buffer[] = [];
let imagePath = '';
let setPath = '';

async function jpegOf(seed: number): Promise<Buffer> {
  const { pixels, widthPx, heightPx } = makePhotograph(seed, 800, 600);
  return sharp(pixels, { raw: { width: widthPx, height: heightPx, channels: 3 } }).jpeg({ quality: 88 }).toBuffer();
}

before(async () => {
  for (let seed = 1; seed <= 6; seed++) known.push(await jpegOf(seed));
  for (let seed = 101; seed <= 104; seed++) unseen.push(await jpegOf(seed));
  mkdirSync(at('known'));
  for (const [number, jpeg] of known.entries()) writeFileSync(at('known', `k${number}.jpg`), jpeg);
  setPath = at('known.kset');
  const built = kerbside(['set', 'build', setPath, '--from-folder', at('known'), '--meaning', 'alert', '--name', 'Known']);
  assert.equal(built.status, 0, built.stderr);
  const small = await sharp(known[0]).resize(480).jpeg({ quality: 70 }).toBuffer();
  const turned = await sharp(known[1]).rotate(90).jpeg({ quality: 80 }).toBuffer();
  const grey = await sharp(known[2]).greyscale().png().toBuffer();
  const camera = putExifIntoJpeg(unseen[0]!, makeExif({ make: 'Example', model: 'Camera 1', gps: { latitude: 51.5, longitude: -0.12 } }));
  const zip = writeZip([
    { name: 'holiday/known.jpg', content: known[3]!, method: 8 },
    { name: 'holiday/small.jpg', content: await sharp(known[4]).resize(400).jpeg().toBuffer() },
    { name: '../../climb.txt', content: Buffer.from('a text about football') },
  ]);
  const letter = writeMessage({ subject: 'pictures', date: 'Mon, 6 May 2024 10:00:00 +0100', body: { kind: 'group', parts: [{ kind: 'text', text: 'See the match.' }, { kind: 'file', name: 'match.jpg', content: known[5]! }] } });
  const tree: CorpusFile[] = [
    { path: 'DCIM/small.jpg', content: small },
    { path: 'DCIM/turned.jpg', content: turned },
    { path: 'DCIM/grey.png', content: grey },
    { path: 'DCIM/camera.jpg', content: camera },
    { path: 'DCIM/other.jpg', content: unseen[1]! },
    { path: 'DCIM/hidden.dat', content: unseen[2]! },
    { path: 'DCIM/broken.jpg', content: Buffer.concat([known[0]!.subarray(0, 20), Buffer.alloc(3000, 7)]) },
    { path: 'Docs/pictures.zip', content: zip },
    { path: 'Docs/inner.tar', content: writeTar([{ name: 'deep/pictures.zip', content: zip }]) },
    { path: 'Docs/inner.tgz', content: gzipSync(writeTar([{ name: 'again.jpg', content: known[3]! }])) },
    { path: 'Docs/inbox.mbox', content: Buffer.from(writeMbox([letter], "mboxrd")) },
    { path: 'Docs/deleted.zip', content: zip, deleted: true },
  ];
  const image = createMemoryImage(24 * MIB);
  writeFatVolume({ fatBits: 16, sizeBytes: 24 * MIB, clusterSizeBytes: 2048, seed: 9, tree, sink: image });
  imagePath = at('card.img');
  writeFileSync(imagePath, image.bytes);
});

function triage(out: string, ...options: string[]): Report {
  const run = kerbside(['triage', imagePath, '--set', setPath, '--out', out, '--seed', FIXED_SEED, '--json', ...options]);
  assert.ok(run.status === 0 || run.status === 10 || run.status === 20, run.stderr);
  return readReport(out);
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
let whole: Report;

test('altered pictures are shown apart from hits, with distance, dialect and turn; members of archives and mail are items', () => {
  const digest = digestFile(imagePath);
  whole = triage(at('whole'), '--profile', 'everything');
  assert.equal(whole.verdict, 'known-material-found');
  const paths = whole.hits.map(({ path }) => path);
  for (const path of ['p0/Docs/pictures.zip/\\[zip]/holiday/known.jpg', 'p0/Docs/inner.tar/\\[tar]/deep/pictures.zip/\\[zip]/holiday/known.jpg', 'match.jpg', 'again.jpg']) {
    assert.ok(paths.some((one) => one.replace(/^[^/]+/, 'p0') === path || nameOf(one) === path), `${path} in ${paths.join(', ')}`);
  }
  const near = new Map(whole.nearHits.map((hit) => [nameOf(hit.path), hit]));
  for (const name of ['small.jpg', 'turned.jpg', 'grey.png']) assert.ok((near.get(name)?.distance ?? 99) <= 16, `${name}: ${near.get(name)?.distance}`);
  assert.notEqual(near.get('turned.jpg')!.orientation, 'original');
  for (const name of ['camera.jpg', 'other.jpg', 'hidden.dat', 'known.jpg']) assert.ok(!near.has(name), name);
  assert.ok(whole.reasons.some(({ code }) => code === 'similar-material'));
  assert.deepEqual([whole.controls.state, whole.controls.markers.filter(({ outcome }) => outcome !== 'ok')], ['passed', []], 'every marker was tried, those of altered copies too');
  assert.equal(digestFile(imagePath), digest);
});

test('what was looked into adds up, and what could not be decoded is a problem with its place', () => {
  const content = whole.coverage.content!;
  const { members, pictures, containers } = content;
  assert.equal(members.seen, members.read + members.gated + members.skipped + members.problems);
  assert.equal(pictures.seen, pictures.compared + pictures.notComparable + pictures.notAsked + pictures.problems);
  assert.equal(containers.seen, containers.opened + containers.problems);
  assert.ok(whole.problems.some(({ where }) => where.path?.endsWith('broken.jpg')), JSON.stringify(whole.problems));
  assert.equal(pictures.problems, whole.problems.filter(({ where }) => where.path?.endsWith('.jpg')).length);
});

test('a renamed picture is found by its content when everything is asked, and the ranking says why each stands where it does', () => {
  const ranking = whole.ranking!;
  const names = ranking.rows.map(({ path }) => nameOf(path));
  for (const name of ['camera.jpg', 'other.jpg', 'hidden.dat']) assert.ok(names.includes(name), `${name} in ${names.join(', ')}`);
  assert.ok(!names.includes('small.jpg'), 'what looks like known material is shown elsewhere');
  const search = at('search.json');
  writeFileSync(search, JSON.stringify({ cameras: [{ make: 'Example', model: 'Camera 1', namedAs: 'exhibit SMB/14' }], premises: [{ latitude: 51.5005, longitude: -0.12, namedAs: 'the premises' }] }));
  const ranked = triage(at('ranked'), '--profile', 'everything', '--search', search);
  assert.equal(nameOf(ranked.ranking!.rows[0]!.path), 'camera.jpg');
  const sentences = ranked.ranking!.rows[0]!.reasons.map(({ sentence }) => sentence).join(' ');
  assert.match(sentences, /SMB\/14/);
  assert.match(sentences, /the premises/);
  assert.equal(ranked.verdict, whole.verdict);
});

test('only what looks alike: needs examination, never known material found', async () => {
  const alone = at('alone');
  mkdirSync(alone);
  await sharp(known[0]).resize(500).jpeg({ quality: 60 }).toFile(join(alone, 'y.jpg'));
  const run = kerbside(['triage', alone, '--set', setPath, '--out', at('alone-out'), '--json']);
  assert.equal(run.status, 20, run.stderr);
  const report = readReport(at('alone-out'));
  assert.equal(report.verdict, 'needs-examination');
  assert.deepEqual([report.hits.length, report.nearHits.length], [0, 1]);
});

test('thumbnails order the work: the last of many pictures comes first when its thumbnail is near a known one', async () => {
  const camera = at('camera');
  mkdirSync(camera);
  // So long that few of them go into one batch of work.
  const padding = Buffer.alloc(900_000);
  const withThumbnail = async (jpeg: Buffer): Promise<Buffer> => putExifIntoJpeg(await sharp(jpeg).resize(320).jpeg().toBuffer(), makeExif({ make: 'Example', thumbnail: await sharp(jpeg).resize(160).jpeg().toBuffer() }));
  const plain = await withThumbnail(unseen[3]!);
  for (let number = 100; number < 180; number++) {
    const broken = Buffer.concat([unseen[3]!.subarray(0, 20), Buffer.alloc(3000, 7)]);
    writeFileSync(join(camera, `a${number}.jpg`), Buffer.concat([number % 8 === 0 ? broken : plain, Buffer.from(String(number)), padding]));
  }
  writeFileSync(join(camera, 'z.jpg'), Buffer.concat([await withThumbnail(known[0]!), padding]));
  const run = kerbside(['triage', camera, '--set', setPath, '--out', at('camera-out'), '--json']);
  assert.equal(run.status, 20, run.stderr);
  const events = run.stdout.split('\n').filter((line) => /"type":"(near-hit|problem)"/.test(line)).map((line) => (JSON.parse(line) as { type: string }).type);
  assert.deepEqual([events.length, events.filter((type) => type === 'problem').length], [11, 10]);
  assert.ok(events.indexOf('near-hit') <= 4, `${events.indexOf('near-hit')} of 10 broken pictures were met before it`);
  assert.deepEqual(readReport(at('camera-out')).nearHits.map(({ path }) => nameOf(path)), ['z.jpg']);
});

test('the same run again gives the same report, and the certificate verifies against the source', () => {
  assertSameReport(triage(at('again'), '--profile', 'everything'), whole);
  const verified = kerbside(['verify', at('whole', 'certificate.json'), imagePath, '--set', setPath]);
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});

/** Kills in a row before it may end. */
const MAX_SESSIONS = process.env['KERBSIDE_LONG'] === '1' ? 60 : 5;

test('killed in the middle of the lane and started again: the same report', async () => {
  const out = at('killed');
  let kills = 0;
  for (let session = 0; session < MAX_SESSIONS; session++) {
    const ended = await runAndKill(out, 60 + session * 90);
    if (ended) break;
    kills += 1;
  }
  const report = triage(out, '--profile', 'everything');
  assert.ok(kills > 0, 'no session was killed');
  assertSameReport(report, whole);
});

/** Kills the whole process group `afterMs` after the lane has begun; true when the run had ended before. */
function runAndKill(out: string, afterMs: number): Promise<boolean> {
  const child = spawn(KERBSIDE, ['triage', imagePath, '--set', setPath, '--out', out, '--seed', FIXED_SEED, '--profile', 'everything', '--json'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  let seen = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (piece: Buffer) => {
    seen += piece.toString();
    if (timer === undefined && seen.includes('"stage":"content-lane"')) timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), afterMs);
  });
  return new Promise((resolve) => {
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve(status !== null && existsSync(join(out, 'report.json')));
    });
  });
}

test('wrong use is told: search facts that are none, a model that is not there, a password file that is empty', () => {
  writeFileSync(at('bad.json'), '{"premises":[{"latitude":100,"longitude":0,"namedAs":"x"}]}');
  const bad = kerbside(['triage', imagePath, '--set', setPath, '--out', at('bad-out'), '--search', at('bad.json')]);
  assert.equal(bad.status, 2);
  assert.match(bad.stderr, /premises\[0\]\.latitude/);
  const model = kerbside(['triage', imagePath, '--set', setPath, '--out', at('bad-out'), '--model', at('nowhere')]);
  assert.equal(model.status, 2);
  assert.match(model.stderr, /model\.json/);
  writeFileSync(at('empty.txt'), '\n');
  assert.equal(kerbside(['triage', imagePath, '--set', setPath, '--out', at('bad-out'), '--password-file', at('empty.txt')]).status, 2);
  assert.ok(!existsSync(at('bad-out', 'report.json')));
});

/** Puts a program that always fails in bubblewrap's place, for one command only. */
const WITHOUT_SANDBOX = ['-m', 'sh', '-c', 'mount --make-rprivate / && mount --bind /bin/false /usr/bin/bwrap && exec "$@"', 'sh'];
const canHideSandbox = spawnSync('unshare', [...WITHOUT_SANDBOX, 'true']).status === 0;

test('without a sandbox that holds nothing is decoded, archives are opened all the same, and the answer says so', { skip: canHideSandbox ? false : 'a mount namespace needs root' }, () => {
  const run = spawnSync('unshare', [...WITHOUT_SANDBOX, KERBSIDE, 'triage', at('alone'), '--set', setPath, '--out', at('open-out'), '--json'], { encoding: 'utf8' });
  assert.equal(run.status, 20, run.stderr);
  const report = readReport(at('open-out'));
  assert.deepEqual([report.verdict, report.nearHits, report.coverage.content!.pictures.problems], ['needs-examination', [], 1]);
  assert.deepEqual(report.problems.map(({ code }) => code), ['sandbox-unsound']);
  const notTried = report.controls.markers.filter(({ outcome }) => outcome === 'not-tried');
  assert.deepEqual([report.controls.state, notTried.length, report.controls.markers.filter(({ outcome }) => outcome !== 'ok').length], ['passed', 4, 4]);
  for (const { reason } of notTried) assert.match(reason ?? '', /decode sandbox failed its self-test/);
  const page = readFileSync(at('open-out', 'report.html'), 'utf8');
  assert.match(page, /41 markers on the control volume[^<]*; 4 not tried: the decode sandbox failed its self-test/);
  const shown = kerbside(['verify', at('open-out', 'certificate.json')]);
  assert.match(shown.stdout, /Controls +passed, 41 markers; 4 not tried: the decode sandbox failed its self-test/);
});

test('an encrypted phone backup: named without its password, told with a wrong one, opened with the right one', () => {
  const phone = at('phone');
  for (const [name, bytes] of writePhoneBackup({ files: [{ domain: 'CameraRollDomain', relativePath: 'Media/DCIM/100APPLE/IMG_0001.JPG', content: known[2]! }], password: 'cup final 1966' })) {
    mkdirSync(dirname(join(phone, name)), { recursive: true });
    writeFileSync(join(phone, name), bytes);
  }
  const look = (name: string, passwords: string | null): Report => {
    const options = passwords === null ? [] : ['--password-file', at(`${name}.txt`)];
    if (passwords !== null) writeFileSync(at(`${name}.txt`), passwords);
    const run = kerbside(['triage', phone, '--set', setPath, '--out', at(`phone-${name}`), '--json', ...options]);
    assert.ok(run.status === 10 || run.status === 20, run.stderr);
    return readReport(at(`phone-${name}`));
  };
  const codes = (report: Report): string[] => report.problems.map(({ code }) => code);
  const closed = look('closed', null);
  assert.deepEqual([closed.verdict, codes(closed).includes('backup-encrypted'), closed.hits.length], ['needs-examination', true, 0]);
  const wrong = look('wrong', 'league cup\n');
  assert.deepEqual([wrong.verdict, codes(wrong).includes('backup-password-wrong'), wrong.hits.length], ['needs-examination', true, 0]);
  const open = look('open', 'league cup\ncup final 1966\n');
  assert.deepEqual([open.verdict, open.hits.map(({ path }) => path), codes(open)], ['known-material-found', ['Manifest.plist/\\[ios]/CameraRollDomain/Media/DCIM/100APPLE/IMG_0001.JPG'], []]);
});
