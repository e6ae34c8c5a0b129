/*
 * What a person can get wrong with the survey's options, its keys and its sets: exit 2, a message that says what
 * is wrong and what to do, and nothing left behind.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { createImageFile, makeRandom, writeFatVolume } from '@kerbside/corpus';
import { ensureUnitKeys, rawPublicKey } from '@kerbside/ledger';
import { buildBlockSet } from '@kerbside/match';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { KERBSIDE_HOME, makeFolder, readReport, type Finished } from './support/run-kerbside.ts';
import { bytesOf, makeBlockSet } from './support/survey-device.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());
const at = (...names: string[]): string => join(folder.path, ...names);

const MIB = 1024 * 1024;
mkdirSync(at('known'));
for (let n = 0; n < 4; n++) writeFileSync(at('known', `${n}.jpg`), bytesOf(n, 50_000 + n));
const setPath = makeBlockSet(at('known.kblocks'), at('known'));
const imagePath = at('card.img');
const image = createImageFile(imagePath, 4 * MIB);
writeFatVolume({ fatBits: 12, sizeBytes: 4 * MIB, clusterSizeBytes: 2048, seed: 3, tree: [{ path: 'A.JPG', content: bytesOf(0, 50_000) }], sink: image });
image.close();

let runs = 0;

function triage(set: string, ...options: string[]): Finished & { readonly out: string } {
  const out = at(`run-${(runs += 1)}`);
  return { ...kerbside(['triage', imagePath, '--set', set, '--out', out, ...options]), out };
}

function assertRefused(run: Finished & { readonly out: string }, code: string, ...words: RegExp[]): void {
  assert.equal(run.status, 2, `${run.status}: ${run.stderr}${run.stdout}`);
  assert.ok(run.stderr.includes(`(${code})`), run.stderr);
  for (const word of words) assert.match(run.stderr, word);
  assert.doesNotMatch(run.stderr, /\n\s+at |node:internal|Error:|fault of this program/);
  assert.ok(run.stderr.length > 40, `too short to say what to do: ${run.stderr}`);
  assert.ok(!existsSync(run.out), 'a folder was left behind');
}

test('targets, minutes, profiles and seeds that are none', () => {
  for (const text of ['20MiB', '20 parsecs@99%', '20MiB@100%', '1KiB@99%', '-20MiB@99%', '', '9999999999999GiB@99%']) {
    assertRefused(triage(setPath, `--until=${text}`), 'until-not-understood', /20MiB@99%/);
  }
  for (const text of ['0', 'ten', 'Infinity', '']) assertRefused(triage(setPath, `--minutes=${text}`), 'wrong-use', /--minutes takes a number above 0/);
  assertRefused(triage(setPath, '--minutes', '-1'), 'wrong-use', /--minutes/);
  for (const text of ['x', '']) assertRefused(triage(setPath, `--profile=${text}`), 'wrong-use', /screen, known, everything/);
  for (const text of ['abc', 'A'.repeat(64), 'a'.repeat(63)]) assertRefused(triage(setPath, `--seed=${text}`), 'wrong-use', /64 hexadecimal digits/);
});

test('keys that are none', () => {
  assertRefused(triage(setPath, '--key', at('no.key')), 'key-file-not-found', /kerbside keys make|check the name/i);
  writeFileSync(at('list.txt'), 'no key\n', { mode: 0o600 });
  assertRefused(triage(setPath, '--key', at('list.txt')), 'key-file-not-keys');
  assertRefused(triage(setPath, '--key', setPath), 'key-file-not-keys');
  assert.equal(kerbside(['keys', 'export', '--public', at('own.pub')]).status, 0);
  assertRefused(triage(setPath, '--key', at('own.pub')), 'key-opens-no-set', /--set-key/);
});

test('a set of a stranger, until the key is given; a set that is past its day, and one of a day to come', async () => {
  const partnerHome = { KERBSIDE_HOME: at('partner') };
  assert.equal(kerbside(['keys', '--owner', 'Partner force'], partnerHome).status, 0);
  assert.equal(kerbside(['set', 'blocks', at('partner.kblocks'), '--from', at('known')], partnerHome).status, 0);
  assertRefused(triage(at('partner.kblocks')), 'block-set-signer-unknown', /Partner force/, /--key/);
  assert.equal(kerbside(['keys', 'export', '--set-key', at('partner-set.key')], partnerHome).status, 0);
  const opened = triage(at('partner.kblocks'), '--key', at('partner-set.key'));
  assert.equal(opened.status, 10, opened.stderr);
  assert.equal(readReport(opened.out).sets[0]!.blocks!.owner, 'Partner force');

  const { owner, codeKey, privateKey, publicKey } = ensureUnitKeys(KERBSIDE_HOME);
  const signer = { owner, codeKey: codeKey!, privateKey: privateKey!, publicKey: rawPublicKey(publicKey) };
  const build = (name: string, createdAt: string, expiresAt: string): Promise<unknown> => buildBlockSet({ out: at(name), from: [at('known')], name, signer, createdAt: new Date(createdAt), expiresAt: new Date(expiresAt) });
  await build('old.kblocks', '2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z');
  assertRefused(triage(at('old.kblocks')), 'block-set-expired', /2021/);
  await build('early.kblocks', '2190-01-01T00:00:00Z', '2191-01-01T00:00:00Z');
  assertRefused(triage(at('early.kblocks')), 'block-set-not-yet-valid', /clock/);
});

test('a set that is altered anywhere, cut short, or given twice', () => {
  const good = readFileSync(setPath);
  const random = makeRandom(4);
  for (let round = 0; round < 8; round++) {
    const bad = Buffer.from(good);
    const place = round === 0 ? 0 : round === 1 ? good.length - 1 : random.below(good.length);
    bad[place]! ^= 1 << random.below(8);
    writeFileSync(at('bad.kblocks'), bad);
    const run = triage(at('bad.kblocks'));
    assertRefused(run, /\((block-set-[a-z-]+|set-not-a-set)\)/.exec(run.stderr)?.[1] ?? `byte ${place}`);
  }
  for (const length of [good.length - 1, Math.floor(good.length / 2), 9]) {
    writeFileSync(at('bad.kblocks'), good.subarray(0, length));
    const run = triage(at('bad.kblocks'));
    assertRefused(run, /\((block-set-[a-z-]+|set-not-a-set)\)/.exec(run.stderr)?.[1] ?? `${length} bytes`);
  }
  writeFileSync(at('longer.kblocks'), Buffer.concat([good, Buffer.from('more')]));
  assertRefused(triage(at('longer.kblocks')), 'block-set-altered');
  writeFileSync(at('copy.kblocks'), good);
  assertRefused(triage(setPath, '--set', at('copy.kblocks')), 'set-given-twice', /once/);
});

test('a folder is no device: a screen or a target is refused in words, not left out in silence', () => {
  for (const options of [['--profile', 'screen'], ['--until', '1MiB@50%']]) {
    const out = at(`of-folder ${options[0]!}`);
    const run = kerbside(['triage', at('known'), '--set', setPath, '--out', out, ...options]);
    assert.equal(run.status, 2, run.stdout);
    assert.match(run.stderr, /is a folder[^]*Leave out --until and --profile screen[^]*\(folder-not-surveyed\)/);
  }
});

test('another profile or target in the folder of a run is another run', () => {
  const first = triage(setPath);
  assert.equal(first.status, 10, first.stderr);
  const again = (...options: string[]): Finished => kerbside(['triage', imagePath, '--set', setPath, '--out', first.out, ...options]);
  for (const options of [['--profile', 'screen'], ['--until', '1MiB@50%']]) {
    const run = again(...options);
    assert.equal(run.status, 2, run.stdout);
    assert.match(run.stderr, /--out[^]*\(out-folder-of-other-run\)/);
  }
  // How long a run may take does not make it another.
  assert.equal(again('--minutes', '5').status, 10);
});
