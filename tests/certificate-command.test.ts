/*
 * `kerbside keys` and `kerbside verify` through the real command: what is printed, exit codes, and
 * what lies on the disk afterwards.
 */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { canonicalJson, readKeyFile, signCanonical, type JsonObject } from '@kerbside/ledger';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { makeFolder, type Finished } from './support/run-kerbside.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());
const at = (...names: string[]): string => join(folder.path, ...names);
const home = at('home');

function run(...argv: string[]): Finished {
  return kerbside(argv, { KERBSIDE_HOME: home });
}

function facts(...argv: string[]): Record<string, unknown> {
  const finished = run(...argv, '--json');
  assert.equal(finished.status, 0, finished.stderr);
  return JSON.parse(finished.stdout) as Record<string, unknown>;
}

test('keys: none yet, made with an owner, shown again, never replaced', () => {
  const none = run('keys');
  assert.equal(none.status, 2);
  assert.match(none.stderr, /has no keys yet.*\n.*kerbside keys --owner[^]*unit-keys-missing/);
  assert.ok(!existsSync(home), 'looking makes nothing');
  const made = facts('keys', '--owner', 'Exampleshire, unit 1');
  assert.equal(made['path'], join(home, 'unit.key'));
  assert.equal(statSync(home).mode & 0o777, 0o700);
  assert.equal(statSync(join(home, 'unit.key')).mode & 0o777, 0o600);
  assert.deepEqual(facts('keys'), made);
  const shown = run('keys');
  assert.match(shown.stdout, /Owner +Exampleshire, unit 1\n/);
  assert.ok(shown.stdout.includes(String(made['signerId'])) && shown.stdout.includes(String(made['codeKeyId'])));
  const secret = readKeyFile(join(home, 'unit.key'));
  for (const text of [Buffer.from(secret.codeKey!).toString('base64'), Buffer.from(secret.codeKey!).toString('hex'), 'PRIVATE']) assert.ok(!shown.stdout.includes(text), 'a secret was printed');
  const other = run('keys', '--owner', 'Somebody else');
  assert.equal(other.status, 2);
  assert.match(other.stderr, /key-file-exists/);
});

test('keys make and export: the parts hold what they should, and nothing is overwritten', () => {
  const made = facts('keys', 'make', at('partner.key'), '--owner', 'Partner');
  assert.equal(run('keys', 'make', at('partner.key'), '--owner', 'Partner').status, 2);
  assert.equal(run('keys', 'make', at('no-owner.key')).status, 2);
  const part = facts('keys', 'export', at('partner.key'), '--public', at('partner.pub'));
  assert.deepEqual([part['signerId'], part['codeKeyId'], part['signs']], [made['signerId'], null, false]);
  const setKey = facts('keys', 'export', at('partner.key'), '--set-key', at('partner-set.key'));
  assert.deepEqual([setKey['signerId'], setKey['codeKeyId'], setKey['signs']], [made['signerId'], made['codeKeyId'], false]);
  assert.equal(readKeyFile(at('partner.pub')).codeKey, null);
  assert.equal(readKeyFile(at('partner-set.key')).privateKey, null);
  assert.equal(facts('keys', 'export', '--public', at('own.pub'))['owner'], 'Exampleshire, unit 1');
  for (const argv of [['keys', 'export', at('partner.pub'), '--set-key', at('x.key')], ['keys', 'export', at('partner.key')], ['keys', 'export', at('partner.key'), '--public', at('a'), '--set-key', at('b')], ['keys', 'export', at('partner.key'), '--public', at('partner.pub')]]) {
    assert.equal(run(...argv).status, 2, argv.join(' '));
  }
  chmodSync(at('partner.key'), 0o644);
  const open = run('keys', 'export', at('partner.key'), '--public', at('y.pub'));
  assert.equal(open.status, 2);
  assert.match(open.stderr, /chmod 600 [^]*key-file-open-to-others/);
  chmodSync(at('partner.key'), 0o600);
});

/** A certificate signed by the keys of this machine, from the example of the reference page. */
function writeCertificate(): string {
  const keys = readKeyFile(join(home, 'unit.key'));
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'reference', 'certificate.md'), 'utf8');
  const body = JSON.parse(/```json\n([^]*?)```/.exec(page)![1]!) as { signature: JsonObject } & JsonObject;
  const own = facts('keys');
  const signer = { algorithm: 'Ed25519', owner: keys.owner, publicKey: String(own['publicKey']), signerId: String(own['signerId']) };
  const value = signCanonical('certificate-1', { ...body, signature: signer }, keys.privateKey!).toString('base64');
  const path = at('certificate.json');
  writeFileSync(path, `${canonicalJson({ ...body, signature: { ...signer, value } }, 2)}\n`);
  return path;
}

test('verify: the example of the reference page, signed by this machine, agrees; by others’ keys it does not', () => {
  const path = writeCertificate();
  const own = run('verify', path);
  assert.equal(own.status, 0, own.stdout + own.stderr);
  assert.match(own.stdout, /Signature +right: no byte was changed since it was signed\nSigner +Exampleshire, unit 1 .* this machine’s own key/);
  assert.match(own.stdout, /Verdict +Needs examination/);
  assert.match(own.stdout, /reads\.bin +is not beside the certificate/);
  assert.match(own.stdout, /shows what was stated and by whom, not that it is so/);
  assert.equal(run('verify', path, '--public', at('partner.pub'), at('own.pub')).status, 0);
  const stranger = run('verify', path, '--public', at('partner.pub'));
  assert.equal(stranger.status, 20);
  assert.match(stranger.stdout, /Signer +calls itself "Exampleshire, unit 1" .* NONE of the keys given/);
  const json = run('verify', path, '--json');
  assert.equal((JSON.parse(json.stdout) as { agrees: boolean }).agrees, true);
  // As it is printed it bears the signature of a key that nobody has.
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'reference', 'certificate.md'), 'utf8');
  writeFileSync(path, /```json\n([^]*?)```/.exec(page)![1]!);
  const unknown = run('verify', path);
  assert.equal(unknown.status, 0, unknown.stdout);
  assert.match(unknown.stdout, /Signer +calls itself "Test unit" .* UNKNOWN, the key was compared with none/);
  assert.equal((JSON.parse(run('verify', path, '--json').stdout) as { signer: string }).signer, 'unknown');
});

test('verify: a changed byte, another file, no file', () => {
  const path = writeCertificate();
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('"needs-examination"', '"nothing-known-found"'));
  const altered = run('verify', path);
  assert.equal(altered.status, 20);
  assert.match(altered.stdout, /NOT AS IT WAS SIGNED. Nothing in it can be relied on./);
  writeFileSync(path, '{}');
  assert.match(run('verify', path).stderr, /certificate-not-one/);
  assert.equal(run('verify', at('none.json')).status, 2);
  assert.equal(run('verify').status, 2);
  assert.equal(run('verify', path, '--set', 'x').status, 2);
});

test('help tells of both', () => {
  const overview = run('help').stdout;
  assert.ok(overview.includes('kerbside verify CERTIFICATE') && overview.includes('kerbside keys'));
  assert.match(run('help', 'verify').stdout, /Exit codes: 0 all agrees, 20 something differs/);
  assert.match(run('keys', '--help').stdout, /\$KERBSIDE_HOME/);
});
