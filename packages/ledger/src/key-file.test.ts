import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, RefusedError, type JsonObject } from '@kerbside/bytes';
import { readKeyFile, writeKeyFile } from './key-file.ts';
import { formatKeyFile, parseKeyFile } from './key-file-text.ts';
import { makeTestFolder } from './test-folder.ts';
import { exportPublicPart, exportSetKey, makeUnitKeys, rawPublicKey, type DatedUnitKeys } from './unit-keys.ts';

const keys = makeUnitKeys('Unit A, Exampleshire', new Date('2026-03-04T05:06:07.890Z'));

/** Key objects do not compare by value. */
function plain(of: DatedUnitKeys): unknown {
  return { ...of, publicKey: rawPublicKey(of.publicKey).toString('hex'), privateKey: of.privateKey?.export({ type: 'pkcs8', format: 'pem' }) ?? null };
}

function refusedAs(code: string): (error: unknown) => boolean {
  return (error) => error instanceof RefusedError && error.code === code;
}

for (const [name, part, mode] of [
  ['all keys', keys, 0o600],
  ['a set key', exportSetKey(keys), 0o600],
  ['the public part', exportPublicPart(keys), 0o644],
] as const) {
  test(`${name}: what is written is read again, with mode ${mode.toString(8)}`, () => {
    using folder = makeTestFolder();
    writeKeyFile(folder.at('a.key'), part);
    assert.deepEqual(plain(readKeyFile(folder.at('a.key'))), plain(part));
    assert.equal(statSync(folder.at('a.key')).mode & 0o777, mode);
    assert.deepEqual(readdirSync(folder.path), ['a.key'], 'nothing else is left');
  });

  test(`${name}: any byte changed, cut or added is refused`, () => {
    const text = Buffer.from(formatKeyFile(part));
    const refused = (bytes: Buffer, what: string): void =>
      assert.throws(() => parseKeyFile('a.key', bytes.toString('utf8')), (error) => error instanceof RefusedError && /^key-file-(damaged|not-keys|version-unknown)$/.test(error.code), what);
    for (let at = 0; at < text.length; at++) {
      for (const flip of [1, 2, 4, 8, 16, 32, 64, 128]) {
        const changed = Buffer.from(text);
        changed[at]! ^= flip;
        refused(changed, `byte ${at} ^ ${flip}`);
      }
      refused(text.subarray(0, at), `cut to ${at}`);
    }
    refused(Buffer.concat([text, Buffer.from('\n')]), 'a line more');
    refused(Buffer.from(JSON.stringify(JSON.parse(text.toString()))), 'another form of the same values');
  });
}

test('the time of making is a moment and nothing else: it is shown as a line', () => {
  for (const createdAt of ['yesterday', '2026-03-04', '2026-03-04T05:06:07.890Z\nSigner    0123456789abcdef', '']) {
    assert.throws(() => parseKeyFile('a.key', formatKeyFile({ ...exportPublicPart(keys), createdAt })), refusedAs('key-file-damaged'), createdAt);
  }
});

test('the three parts hold what they should and no more', () => {
  const names = (part: DatedUnitKeys): string[] => Object.keys(JSON.parse(formatKeyFile(part)) as object);
  assert.deepEqual(names(keys), ['check', 'codeKey', 'createdAt', 'kind', 'owner', 'privateKey', 'publicKey', 'version']);
  assert.deepEqual(names(exportSetKey(keys)), ['check', 'codeKey', 'createdAt', 'kind', 'owner', 'publicKey', 'version']);
  assert.deepEqual(names(exportPublicPart(keys)), ['check', 'createdAt', 'kind', 'owner', 'publicKey', 'version']);
});

test('an existing file, folder or link is never overwritten', () => {
  using folder = makeTestFolder();
  writeFileSync(folder.at('file'), 'mine');
  mkdirSync(folder.at('folder'));
  symlinkSync(folder.at('nowhere'), folder.at('link'));
  for (const name of ['file', 'folder', 'link']) assert.throws(() => writeKeyFile(folder.at(name), keys), refusedAs('key-file-exists'));
  assert.equal(readFileSync(folder.at('file'), 'utf8'), 'mine');
  assert.deepEqual(readdirSync(folder.path).sort(), ['file', 'folder', 'link']);
});

test('who looks while a key file is written sees none or a whole one', async () => {
  using folder = makeTestFolder();
  const files = 120;
  const script = `
    import { makeUnitKeys, writeKeyFile } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
    const keys = makeUnitKeys('Unit A');
    for (let file = 0; file < ${files}; file++) writeKeyFile(${JSON.stringify(folder.at('k'))} + file, keys);`;
  const writer = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' });
  const end = once(writer, 'close');
  for (let file = 0; file < files; file++) {
    const path = folder.at(`k${file}`);
    for (let turn = 1; !existsSync(path); turn++) if (turn % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(readKeyFile(path).owner, 'Unit A');
  }
  assert.deepEqual(await end, [0, null]);
});

test('a folder that is not there is refused', () => {
  using folder = makeTestFolder();
  assert.throws(() => writeKeyFile(folder.at('none/a.key'), keys), refusedAs('key-file-not-writable'));
});

test('secrets that others may read are refused with the command that helps; a public part may be open', () => {
  using folder = makeTestFolder();
  const path = folder.at("it's.key");
  writeKeyFile(path, exportSetKey(keys));
  for (const mode of [0o640, 0o604, 0o620, 0o601]) {
    chmodSync(path, mode);
    assert.throws(() => readKeyFile(path), (error) => refusedAs('key-file-open-to-others')(error) && (error as Error).message.includes(`chmod 600 '${folder.path}/it'\\''s.key'`));
  }
  chmodSync(path, 0o400);
  assert.equal(readKeyFile(path).owner, keys.owner);
  writeKeyFile(folder.at('public.key'), exportPublicPart(keys));
  chmodSync(folder.at('public.key'), 0o666);
  assert.equal(readKeyFile(folder.at('public.key')).privateKey, null);
});

test('what is no key file is told from a damaged one and from a later version', () => {
  using folder = makeTestFolder();
  assert.throws(() => readKeyFile(folder.at('none')), refusedAs('key-file-not-found'));
  assert.throws(() => readKeyFile(folder.path), refusedAs('key-file-not-keys'));
  assert.throws(() => readKeyFile('/dev/zero'), refusedAs('key-file-not-keys'));
  for (const content of ['', 'text', '{}', '[]', 'null', '{"kind":"other"}', 'x'.repeat(20_000)]) {
    writeFileSync(folder.at('a'), content);
    assert.throws(() => readKeyFile(folder.at('a')), refusedAs('key-file-not-keys'), content.slice(0, 20));
  }
  const later = `${canonicalJson({ ...(JSON.parse(formatKeyFile(keys)) as JsonObject), version: 2 }, 2)}\n`;
  assert.throws(() => parseKeyFile('a', later), (error) => refusedAs('key-file-version-unknown')(error) && (error as Error).message.includes('version 2'));
});

test('a private key that is not the public one’s is refused though the check agrees', () => {
  const mixed = { ...keys, privateKey: makeUnitKeys('Unit B').privateKey };
  assert.throws(() => parseKeyFile('a', formatKeyFile(mixed)), refusedAs('key-file-damaged'));
  assert.throws(() => parseKeyFile('a', formatKeyFile({ ...keys, codeKey: new Uint8Array(31) })), refusedAs('key-file-damaged'));
  assert.throws(() => parseKeyFile('a', formatKeyFile({ ...keys, owner: 'two\nlines' })), refusedAs('key-file-damaged'));
});

test('any owner’s name survives', () => {
  const owner = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => text.trim() !== '' && text.length <= 200 && !/\p{Cc}|[\u2028\u2029]/u.test(text));
  fc.assert(fc.property(owner, (name) => assert.equal(parseKeyFile('a', formatKeyFile({ ...keys, owner: name })).owner, name)), { seed: 6, numRuns: 100 });
});
