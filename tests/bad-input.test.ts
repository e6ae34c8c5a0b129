/*
 * Everything a person can get wrong, through the real command: the exit code, a message that says
 * what is wrong and what to do, and no trace of a program fault.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { createImageFile, generatedBytes, makeRandom, readFileChunks, writeE01, writeFatVolume, type CorpusFile } from '@kerbside/corpus';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { compileSet, makeDevice } from './support/make-device.ts';
import { digestFile, KERBSIDE, makeFolder, readReport, type Finished } from './support/run-kerbside.ts';
import { giveControls } from './support/shared-controls.ts';
import { withoutTimes } from './support/without-times.ts';

const folder = makeFolder();
after(() => {
  try {
    assert.equal(digestFile(device.imagePath), deviceDigest, 'the source was changed');
  } finally {
    folder[Symbol.dispose]();
  }
});

const MIB = 1024 * 1024;
const at = (...names: string[]): string => join(folder.path, ...names);

mkdirSync(at('device'));
const device = makeDevice({ folder: at('device'), filesPerVolume: 20, fileSizeBytes: 20_000, seed: 31 });
const strangers = compileSet(at('strangers.kset'), []);
const deviceDigest = digestFile(device.imagePath);

let runs = 0;
/** An out folder that does not exist yet. */
function newOut(): string {
  runs += 1;
  return at(`run-${runs}`);
}

function triage(source: string, set = strangers, out = newOut()): Finished & { readonly out: string } {
  return { ...kerbside(['triage', source, '--set', set, '--out', out]), out };
}

/** Refused: exit 2, the code, words that say what and what to do, and no stack of ours. */
function assertRefused(run: Finished, code: string, ...words: RegExp[]): void {
  assert.equal(run.status, 2, `${run.status}: ${run.stderr}${run.stdout}`);
  assert.ok(run.stderr.includes(`(${code})`), run.stderr);
  for (const word of words) assert.match(run.stderr, word);
  assert.doesNotMatch(run.stderr, /\n\s+at |node:internal|Error:/);
  assert.ok(run.stderr.length > 40, `too short to say what to do: ${run.stderr}`);
}

const small = Array.from({ length: 12 }, (_, n): CorpusFile => ({ path: `PIC${n}.JPG`, content: generatedBytes(500 + n, 30_000) }));
const cardPath = at('card.img');
const card = createImageFile(cardPath, 4 * MIB);
writeFatVolume({ fatBits: 12, sizeBytes: 4 * MIB, clusterSizeBytes: 2048, seed: 3, tree: small, sink: card });
card.close();

/** Makes the card's E01 in a folder of its own; several segments. */
function makeE01(name: string): readonly string[] {
  mkdirSync(at(name));
  return writeE01({ source: readFileChunks(cardPath), sizeBytes: 4 * MIB, outBasePath: at(name, 'card'), segmentSizeBytes: 200_000 }).segmentPaths;
}

test('no such file; an empty file; a file of no known kind', () => {
  assertRefused(triage(at('nothing-here.img')), 'source-not-found', /check the name/i);
  assertRefused(kerbside(['list', at('nothing-here.img'), '--json']), 'source-not-found');
  writeFileSync(at('empty.img'), '');
  assertRefused(triage(at('empty.img')), 'source-empty', /copy it again/i);
  symlinkSync(at('nowhere'), at('dangling'));
  assertRefused(triage(at('dangling')), 'source-not-found');
  assertRefused(triage('/dev/null'), 'source-not-file');
});

test('a text file is no disk: it is read, nothing is recognised, and that is said', () => {
  writeFileSync(at('notes.img'), 'Half time, one all.\n'.repeat(100));
  const run = triage(at('notes.img'));
  assert.equal(run.status, 20, run.stderr);
  assert.ok(readReport(run.out).reasons.some((reason) => reason.code === 'unrecognised-volume'));
});

test('a folder where an image is meant, and the reverse', () => {
  mkdirSync(at('pictures'));
  writeFileSync(at('pictures', 'a.jpg'), 'picture');
  assertRefused(kerbside(['verify-image', at('pictures')]), 'source-is-folder', /name the image/i);
  assertRefused(triage(cardPath, at('pictures')), 'set-not-a-set');
  assertRefused(triage(cardPath, strangers, cardPath), 'out-folder-not-writable', /--out/);
  assertRefused(kerbside(['set', 'build', at('x.kset'), '--from', at('pictures'), '--meaning', 'alert']), 'list-not-a-file');
  // A folder is a source of its own for triage.
  const run = triage(at('pictures'));
  assert.equal(run.status, 0, run.stderr);
  assert.equal(readReport(run.out).source.kind, 'folder');
});

test('E01: a segment missing, in the middle and at the end', () => {
  const segments = makeE01('missing');
  assert.ok(segments.length >= 4, `only ${segments.length} segments`);
  renameSync(segments[1]!, at('missing', 'aside'));
  assertRefused(triage(segments[0]!), 'ewf-segment-missing', /E02/, /folder/i);
  renameSync(at('missing', 'aside'), segments[1]!);
  rmSync(segments.at(-1)!);
  assertRefused(triage(segments[0]!), 'ewf-segment-missing', /folder/i);
});

test('E01: segments in the wrong order; the same one twice; a stranger among them', () => {
  const segments = makeE01('order');
  renameSync(segments[1]!, at('order', 'aside'));
  renameSync(segments[2]!, segments[1]!);
  renameSync(at('order', 'aside'), segments[2]!);
  assertRefused(triage(segments[0]!), 'ewf-segment-order', /name/i);
  copyFileSync(segments[1]!, segments[2]!);
  const run = triage(segments[0]!);
  assert.ok(['ewf-segment-order', 'ewf-segment-repeated'].some((code) => run.stderr.includes(`(${code})`)), run.stderr);
  assert.equal(run.status, 2);
});

test('E01: cut short in the last segment', () => {
  const segments = makeE01('short');
  truncateSync(segments.at(-1)!, 3000);
  assertRefused(triage(segments[0]!), 'ewf-truncated', /again/i);
});

test('E01: one bit flipped in a chunk is told, the run goes on, the rest is read', () => {
  const segments = makeE01('flipped');
  const content = small[6]!.content;
  assert.ok(!Buffer.isBuffer(content));
  // The 30,000 bytes of one picture, found where they are stored.
  const [head] = content.chunks();
  const needle = Buffer.from(head!.subarray(0, 64));
  const segment = segments.find((path) => readFileSync(path).includes(needle))!;
  const bytes = readFileSync(segment);
  bytes[bytes.indexOf(needle) + 40]! ^= 0x10;
  writeFileSync(segment, bytes);
  const run = triage(segments[0]!);
  assert.equal(run.status, 20, run.stderr);
  const report = readReport(run.out);
  assert.equal(report.verdict, 'needs-examination');
  assert.ok(report.problems.some((problem) => problem.code === 'ewf-chunk-damaged'), JSON.stringify(report.problems));
  assert.equal(report.coverage.items.seen, small.length);
  assert.ok(report.coverage.items.problems >= 1 && report.coverage.items.read >= small.length - 3, JSON.stringify(report.coverage.items));
  assert.ok(report.coverage.unreadableBytes > 0);
  const verify = kerbside(['verify-image', segments[0]!]);
  assert.equal(verify.status, 20);
  assert.match(verify.stdout, /DAMAGED/);
});

test('a whole E01 gives what the raw image gives', () => {
  const segments = makeE01('whole');
  const run = triage(segments[0]!);
  assert.equal(run.status, 0, run.stderr);
  assert.equal(readReport(run.out).coverage.items.read, small.length);
  assert.equal(kerbside(['verify-image', segments[0]!]).status, 0);
});

test('a raw image cut short: the partition past its end is told', () => {
  const path = at('cut.img');
  copyFileSync(device.imagePath, path);
  const size = readFileSync(path).length;
  truncateSync(path, Math.floor((size * 0.8) / 512) * 512);
  const run = triage(path);
  assert.equal(run.status, 20, run.stderr);
  const codes = readReport(run.out).problems.map((problem) => problem.code);
  assert.ok(codes.includes('volume-cut-short') || codes.includes('volume-outside-source'), codes.join());
  truncateSync(path, 3 * MIB + 77);
  const odd = triage(path);
  assert.equal(odd.status, 20, odd.stderr);
  assert.ok(readReport(odd.out).problems.some((problem) => problem.code === 'source-odd-size'));
});

test('a set that is no set, of another version, cut short', () => {
  writeFileSync(at('list.txt'), `${'ab'.repeat(20)}  a.jpg\n`);
  assertRefused(triage(cardPath, at('list.txt')), 'set-not-a-set', /set build/);
  assertRefused(triage(cardPath, cardPath), 'set-not-a-set');
  writeFileSync(at('empty.kset'), '');
  assertRefused(triage(cardPath, at('empty.kset')), 'set-not-a-set');
  assertRefused(triage(cardPath, at('none.kset')), 'set-not-found', /check the name/i);
  const good = readFileSync(device.setPath);
  const later = Buffer.from(good);
  later.writeUInt32LE(9, 8);
  writeFileSync(at('later.kset'), later);
  assertRefused(triage(cardPath, at('later.kset')), 'set-version-unknown', /version/i, /again/i);
  for (const length of [good.length - 1, Math.floor(good.length / 2), 4096, 100, 8]) {
    writeFileSync(at('cut.kset'), good.subarray(0, length));
    const run = triage(cardPath, at('cut.kset'));
    assert.equal(run.status, 2, `${length} bytes: ${run.stderr}`);
    assert.match(run.stderr, /\((set-truncated|set-not-a-set)\)/);
  }
});

test('a set altered at random places is refused, or gives the same hits as before', () => {
  const good = readFileSync(device.setPath);
  const random = makeRandom(15);
  const whole = triage(device.imagePath, device.setPath);
  assert.equal(whole.status, 10, whole.stderr);
  const expected = readReport(whole.out).hits;
  let refused = 0;
  for (let round = 0; round < 14; round++) {
    const altered = Buffer.from(good);
    const where = random.below(good.length);
    altered[where]! ^= 1 << random.below(8);
    writeFileSync(at('altered.kset'), altered);
    const run = triage(device.imagePath, at('altered.kset'));
    if (run.status === 2) {
      assertRefused(run, /\((set-[a-z-]+)\)/.exec(run.stderr)?.[1] ?? 'set-altered');
      refused += 1;
    } else {
      assert.equal(run.status, 10, `byte ${where}: ${run.stderr}`);
      assert.deepEqual(readReport(run.out).hits, expected, `byte ${where}`);
    }
    assert.notEqual(kerbside(['set', 'info', at('altered.kset')]).status, 0, `byte ${where} of the set was altered and "set info" does not say so`);
  }
  assert.ok(refused > 0);
});

test('an out folder of another source, of another set, with strange files, inside the source', () => {
  const run = triage(cardPath);
  assert.equal(run.status, 0, run.stderr);
  const before = readFileSync(join(run.out, 'report.json'), 'utf8');
  assertRefused(triage(device.imagePath, strangers, run.out), 'out-folder-of-other-run', /--out/);
  assertRefused(triage(cardPath, device.setPath, run.out), 'out-folder-of-other-run', /--out/);
  assert.equal(readFileSync(join(run.out, 'report.json'), 'utf8'), before, 'the report of the other run was touched');
  const strange = newOut();
  mkdirSync(strange);
  writeFileSync(join(strange, 'holiday.txt'), 'keep me');
  assertRefused(triage(cardPath, strangers, strange), 'out-folder-not-empty', /--out/);
  assert.deepEqual(readdirSync(strange), ['holiday.txt']);
  assertRefused(triage(at('pictures'), strangers, at('pictures', 'out')), 'out-folder-in-source', /--out/);
  symlinkSync(at('pictures'), at('sideways'));
  assertRefused(triage(at('pictures'), strangers, at('sideways', 'out')), 'out-folder-in-source');
  assert.ok(!existsSync(at('pictures', 'out')));
  const notJournal = newOut();
  mkdirSync(notJournal);
  writeFileSync(join(notJournal, 'run.sqlite'), 'this is no database '.repeat(300));
  assertRefused(triage(cardPath, strangers, notJournal), 'journal-not-readable', /--out/);
});

test('a finished run asked again gives the same report', () => {
  const first = triage(cardPath);
  const before = withoutTimes(readReport(first.out));
  const again = triage(cardPath, strangers, first.out);
  assert.equal(again.status, 0, again.stderr);
  assert.deepEqual(withoutTimes(readReport(first.out)), before);
});

const isRoot = process.getuid?.() === 0;
const canDropRoot = spawnSync('setpriv', ['--reuid=65534', '--clear-groups', 'true']).status === 0;

test('without the permissions: the source, the set, the out folder', { skip: isRoot && !canDropRoot ? 'root may read everything, and setpriv (util-linux) cannot drop root here' : false }, () => {
  const shut = at('shut');
  mkdirSync(shut);
  copyFileSync(cardPath, join(shut, 'shut.img'));
  copyFileSync(strangers, join(shut, 'shut.kset'));
  const asNobody = (argv: readonly string[]): Finished => {
    if (isRoot) spawnSync('chown', ['-R', '65534', at('open')]);
    const [command, words] = isRoot ? ['setpriv', ['--reuid=65534', '--clear-groups', KERBSIDE, ...argv]] : [KERBSIDE, [...argv]];
    const run = spawnSync(command, words, { encoding: 'utf8', env: { ...process.env, NODE_COMPILE_CACHE: at('open', 'compiled'), KERBSIDE_HOME: at('open', 'home') } });
    return { status: run.status, signal: run.signal, stdout: run.stdout, stderr: run.stderr };
  };
  const open = at('open');
  mkdirSync(at('open', 'home'), { recursive: true, mode: 0o700 });
  giveControls(at('open', 'home'));
  chmodSync(open, 0o777);
  chmodSync(folder.path, 0o755);
  chmodSync(strangers, 0o644);
  chmodSync(join(shut, 'shut.img'), 0);
  chmodSync(join(shut, 'shut.kset'), 0);
  assertRefused(asNobody(['triage', join(shut, 'shut.img'), '--set', strangers, '--out', join(open, 'a')]), 'source-not-permitted', /as a user who may|root/);
  assertRefused(asNobody(['triage', cardPath, '--set', join(shut, 'shut.kset'), '--out', join(open, 'b')]), 'set-not-readable', /permission/i);
  chmodSync(shut, 0o555);
  assertRefused(asNobody(['triage', cardPath, '--set', strangers, '--out', join(shut, 'out')]), 'out-folder-not-writable', /--out/);
  assert.equal(asNobody(['triage', cardPath, '--set', strangers, '--out', join(open, 'c')]).status, 0);
});

test('unknown commands and wrong options: exit 2 and the right use', () => {
  assertRefused(kerbside(['triagge', cardPath]), 'wrong-use', /kerbside help/);
  assertRefused(kerbside(['triage']), 'wrong-use', /Usage: kerbside triage/);
  assertRefused(kerbside(['triage', cardPath, '--out', newOut()]), 'wrong-use', /--set/);
  assertRefused(kerbside(['triage', cardPath, '--set', strangers]), 'wrong-use', /--out/);
  assertRefused(kerbside(['triage', cardPath, '--set', strangers, '--out', newOut(), '--fast']), 'wrong-use', /--fast/, /Usage/);
  assertRefused(kerbside(['triage', cardPath, 'second.img', '--out', newOut(), '--set', strangers]), 'wrong-use', /second\.img/);
  assertRefused(kerbside(['list', cardPath, '--hash', 'crc32']), 'wrong-use', /crc32/, /sha256/);
  assertRefused(kerbside(['set']), 'wrong-use');
  assertRefused(kerbside(['set', 'bild', 'x']), 'wrong-use', /bild/);
  assertRefused(kerbside(['set', 'build', at('y.kset'), '--from', at('list.txt'), '--meaning', 'maybe']), 'wrong-use', /maybe/);
  assertRefused(kerbside(['set', 'build', at('y.kset'), '--from', at('list.txt')]), 'set-meaning-needed', /--meaning/);
  assertRefused(kerbside(['set', 'lookup', strangers, 'xyz']), 'digest-not-recognised', /hex/);
  assertRefused(kerbside(['constructor']), 'wrong-use');
  assertRefused(kerbside(['verify-image']), 'wrong-use');
});

test('lists that cannot be built: none, empty, unreadable as a list', () => {
  assertRefused(kerbside(['set', 'build', at('z.kset'), '--from', at('no-list.txt'), '--meaning', 'alert']), 'list-not-found');
  writeFileSync(at('empty.txt'), '');
  assertRefused(kerbside(['set', 'build', at('z.kset'), '--from', at('empty.txt'), '--meaning', 'alert']), 'list-empty');
  assertRefused(kerbside(['set', 'build', at('z.kset'), '--from', cardPath, '--meaning', 'alert']), 'list-format-not-recognised', /format/i);
  assertRefused(kerbside(['set', 'build', cardPath, '--from', at('list.txt'), '--meaning', 'alert']), 'set-out-not-a-set', /name/i);
  assert.ok(!existsSync(at('z.kset')));
});
