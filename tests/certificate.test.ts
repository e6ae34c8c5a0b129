/*
 * The certificate of a real run, replayed: an untouched source agrees, whatever the profile, the form of the
 * image, and whether the run came to its end; one other byte in what was read does not, and is named; a byte
 * of the certificate or of its leaves shows at once.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, readSync, renameSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { makeRandom, readFileChunks, writeDisk, writeE01, writeFatVolume, writeNtfsVolume, type CorpusFile } from '@kerbside/corpus';
import type { Report } from '@kerbside/triage';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { digestFile, KERBSIDE, makeFolder, readReport, type Finished } from './support/run-kerbside.ts';
import { bytesOf, makeBlockSet } from './support/survey-device.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());
const at = (...names: string[]): string => join(folder.path, ...names);

const MIB = 1024 * 1024;
const SEED = 'c3'.repeat(32);

/** Pictures, half of them known; the others have the lengths of known ones, so that all are read. */
mkdirSync(at('known'));
const tree: CorpusFile[] = Array.from({ length: 24 }, (_, n): CorpusFile => {
  const content = bytesOf(600 + n, 40_000 + (n >> 1) * 100);
  if (n % 2 === 0) writeFileSync(at('known', `${n}.jpg`), content);
  return { path: `DCIM/IMG_${n}.JPG`, content };
});
const setPath = makeBlockSet(at('known.kblocks'), at('known'));
const imagePath = at('device.img');
const { sizeBytes } = writeDisk({
  path: imagePath,
  scheme: 'mbr',
  seed: 4,
  tailBytes: 40 * MIB,
  volumes: [
    { fileSystem: 'fat', sizeBytes: 8 * MIB, write: (sink) => writeFatVolume({ fatBits: 16, sizeBytes: 8 * MIB, clusterSizeBytes: 1024, seed: 5, tree, sink }) },
    { fileSystem: 'ntfs', sizeBytes: 8 * MIB, write: (sink, { startSector }) => writeNtfsVolume({ sizeBytes: 8 * MIB, label: 'DISK', seed: 6, tree: tree.slice(0, 12), sink, hiddenSectors: startSector }) },
  ],
});
const imageDigest = digestFile(imagePath);
const e01Path = writeE01({ source: readFileChunks(imagePath), sizeBytes, outBasePath: at('device') }).segmentPaths[0]!;

const argvOf = (source: string, out: string, ...options: string[]): string[] => ['triage', source, '--set', setPath, '--out', at(out), '--seed', SEED, ...options];

function triage(source: string, out: string, ...options: string[]): Report {
  const run = kerbside(argvOf(source, out, ...options));
  assert.equal(run.status, 10, run.stderr);
  return readReport(at(out));
}

interface Verified extends Finished {
  readonly agrees: boolean;
  readonly ranges: readonly { readonly offset: number; readonly length: number }[];
  readonly codes: readonly string[];
}

/** `verify` with a source; the answer of the JSON form. */
function verify(out: string, source: string, ...options: string[]): Verified {
  const run = kerbside(['verify', at(out), source, '--json', ...options]);
  assert.ok(run.status === 0 || run.status === 20, `${run.status}: ${run.stderr}`);
  const { agrees, findings, replay } = JSON.parse(run.stdout) as { agrees: boolean; findings: { code: string }[]; replay: { differingRanges: Verified['ranges']; findings: { code: string }[] } };
  assert.equal(run.status, agrees ? 0 : 20);
  return { ...run, agrees, ranges: replay.differingRanges, codes: [...findings, ...replay.findings].map(({ code }) => code) };
}

function flipByte(path: string, offset: number): void {
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, offset);
  byte[0]! ^= 0x40;
  writeSync(file, byte, 0, 1, offset);
  closeSync(file);
}

/** Runs until the survey begins, then Ctrl-C. */
function stopInSurvey(out: string): Promise<number | null> {
  const child = spawn(KERBSIDE, [...argvOf(imagePath, out), '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  let isStopped = false;
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    // Once: a second one would end the process at once.
    if (!isStopped && text.includes('"stage":"survey"')) isStopped = child.kill('SIGINT');
  });
  return new Promise((resolve) => child.on('close', resolve));
}

const known = triage(imagePath, 'known-run');
const screened = triage(imagePath, 'screen-run', '--profile', 'screen', '--until', '4MiB@60%');

test('an untouched source agrees: each profile, a stopped run, and the E01 of the same content', async () => {
  triage(imagePath, 'everything-run', '--profile', 'everything');
  assert.equal(await stopInSurvey('stopped-run'), 10);
  const stopped = readReport(at('stopped-run'));
  assert.ok(stopped.reasons.some(({ code }) => code === 'not-finished'), 'the run was not stopped on its way');
  assert.ok(stopped.certificate!.roots.some(({ lane, count }) => lane === 'file' && count > 0));
  for (const out of ['known-run', 'everything-run', 'stopped-run']) {
    const { agrees, stdout } = verify(out, imagePath);
    assert.ok(agrees, `${out}: ${stdout}`);
  }
  const ofE01 = triage(e01Path, 'e01-run');
  assert.deepEqual(ofE01.certificate!.roots, known.certificate!.roots);
  assert.ok(verify('known-run', e01Path).agrees);
  assert.equal(digestFile(imagePath), imageDigest, 'the source was changed');
});

test('a screen agrees too; in words', () => {
  const run = kerbside(['verify', at('screen-run'), imagePath]);
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /reads\.bin +is the one of the run\nreport\.json +is the one of the run/);
  assert.doesNotMatch(run.stdout, /DIFFERS|NOT/);
});

test('one changed byte in what was read differs, and a range that holds it is named', () => {
  const bytes = readFileSync(imagePath);
  const random = makeRandom(8);
  const inside = bytes.indexOf(tree[3]!.content as Buffer) + 20_001;
  const inKnown = bytes.lastIndexOf((tree[4]!.content as Buffer).subarray(0, 512)) + 9000;
  const free = 20 * MIB + random.below(30 * MIB);
  const anywhere = MIB + random.below(16 * MIB);
  for (const [what, offset] of [['a file of the file lane', inside], ['a known file', inKnown], ['free space', free], ['anywhere', anywhere], ['the last byte', sizeBytes - 1]] as const) {
    flipByte(imagePath, offset);
    const { agrees, ranges } = verify('known-run', imagePath);
    flipByte(imagePath, offset);
    assert.equal(agrees, false, `${what} at ${offset}`);
    assert.ok(ranges.some((range) => range.offset <= offset && offset < range.offset + range.length), `${what} at ${offset} is not in ${JSON.stringify(ranges)}`);
    assert.ok(ranges.reduce((sum, { length }) => sum + length, 0) < 2 * MIB, 'as if half the source differed');
  }
  assert.equal(digestFile(imagePath), imageDigest);
});

test('of a screen: a change where it read differs, one where it did not read does not', () => {
  const hit = screened.blockHits[0]!.ranges[0]!.offset + 100;
  const unread = screened.coverageMap.find(({ state, offset, length }) => state === 'not-read' && offset > 20 * MIB && length > MIB && offset + length < sizeBytes - 2 * MIB)!;
  const cases: readonly [number, boolean][] = [[hit, false], [unread.offset + Math.floor(unread.length / 2), true]];
  for (const [offset, agrees] of cases) {
    flipByte(imagePath, offset);
    const verified = verify('screen-run', imagePath);
    flipByte(imagePath, offset);
    // No read differs. That the gap there is not empty any more, which the look at the gaps tells, is another reason.
    assert.deepEqual(verified.ranges.length === 0 && verified.codes.every((code) => code === 'reasons-differ'), agrees, `${offset}: ${verified.codes.join()}`);
  }
});

test('a source of another length, other sets, and no sets', () => {
  copyFileSync(imagePath, at('short.img'));
  truncateSync(at('short.img'), sizeBytes - 4096);
  const short = verify('known-run', at('short.img'));
  assert.ok(!short.agrees && short.codes.includes('source-size'), short.stdout);
  mkdirSync(at('other'));
  writeFileSync(at('other', 'a.jpg'), bytesOf(5, 70_000));
  const other = verify('known-run', imagePath, '--set', makeBlockSet(at('other.kblocks'), at('other')));
  assert.ok(!other.agrees && other.codes.includes('sets-differ'), other.stdout);
  renameSync(setPath, at('aside.kblocks'));
  const none = kerbside(['verify', at('known-run'), imagePath]);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /known\.kblocks is not there any more\. Name the sets of the run with --set\.[^]*\(replay-sets-not-found\)/);
  assert.ok(verify('known-run', imagePath, '--set', at('aside.kblocks')).agrees, 'the same set by another name');
  renameSync(at('aside.kblocks'), setPath);
});

test('any one byte of the certificate changed fails, before any source is read', () => {
  const path = join(at('known-run'), 'certificate.json');
  const good = readFileSync(path);
  const random = makeRandom(31);
  const seen = new Set<number>();
  const places = [0, good.length - 1, good.indexOf('"value"') + 12, ...Array.from({ length: 13 }, () => random.below(good.length))];
  for (const place of places) {
    const bad = Buffer.from(good);
    bad[place]! ^= 1 << random.below(7);
    writeFileSync(path, bad);
    const run = kerbside(['verify', path]);
    assert.ok(run.status === 20 || run.status === 2, `byte ${place}: ${run.status} ${run.stdout}`);
    if (run.status === 20) assert.match(run.stdout, /NOT AS IT WAS SIGNED/);
    else assert.match(run.stderr, /\(certificate-[a-z-]+\)/);
    seen.add(run.status);
  }
  writeFileSync(path, good);
  assert.ok(seen.has(20));
  assert.equal(kerbside(['verify', path]).status, 0);
});

test('leaves or report changed beside the certificate, and another signer than the expected one', () => {
  for (const [name, word, place] of [['reads.bin', /reads\.bin +is NOT the one of the run/, 0.6], ['reads.bin', /reads\.bin +is NOT the one of the run/, 0.01], ['report.json', /report\.json +is NOT the one of the run/, 0.3]] as const) {
    const path = join(at('known-run'), name);
    const good = readFileSync(path);
    const bad = Buffer.from(good);
    bad[Math.floor(good.length * place)]! ^= 2;
    writeFileSync(path, bad);
    const run = kerbside(['verify', at('known-run')]);
    writeFileSync(path, good);
    assert.equal(run.status, 20, run.stdout);
    assert.match(run.stdout, word);
  }
  assert.equal(kerbside(['keys', 'make', at('other.key'), '--owner', 'Another unit']).status, 0);
  const stranger = kerbside(['verify', at('known-run'), '--public', at('other.key')]);
  assert.equal(stranger.status, 20);
  assert.match(stranger.stdout, /NONE of the keys given/);
  assert.equal(kerbside(['keys', 'export', '--public', at('own.pub')]).status, 0);
  assert.equal(kerbside(['verify', at('known-run'), '--public', at('own.pub'), at('other.key')]).status, 0);
});
