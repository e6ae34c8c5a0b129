import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { makeUnitKeys, rawPublicKey } from '@kerbside/ledger';
import { buildCertificate } from './build-certificate.ts';
import { writeLeavesFile } from './leaves-file.ts';
import { digestOfReport } from './report-digest.ts';
import { TEST_KEYS, testRun, type TestRun } from './test-certificate.ts';
import { verifyCertificateFiles } from './verify-files.ts';

const root = mkdtempSync(join(tmpdir(), 'kerbside-verify-'));
after(() => rmSync(root, { recursive: true }));

const SOURCE = Buffer.from(Array.from({ length: 30_000 }, (_, at) => (at * 11) & 0xff));
const REPORT = { verdict: 'needs-examination', hits: [], timings: { totalMs: 1 } };

let folders = 0;
/** A folder as a run leaves it. */
function writtenRun(): { readonly folder: string; readonly run: TestRun; readonly at: (name: string) => string } {
  const folder = mkdtempSync(join(root, `run-${folders++}-`));
  const run = testRun(SOURCE);
  const { readsFile } = writeLeavesFile(join(folder, 'reads.bin'), run.stageLeaves.map(({ name, leaves }) => ({ name, count: leaves.byteLength / 32, leaves: [leaves] })));
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(REPORT, null, 2)}\n`);
  writeFileSync(join(folder, 'certificate.json'), buildCertificate({ ...run.input, readsFile, reportDigest: digestOfReport(REPORT) }, TEST_KEYS).text);
  return { folder, run, at: (name) => join(folder, name) };
}

test('a run as it was left agrees, by its folder or by the file', async () => {
  const { folder, at } = writtenRun();
  for (const path of [folder, at('certificate.json')]) {
    const result = await verifyCertificateFiles(path, { trustedPublicKeys: [rawPublicKey(TEST_KEYS.publicKey)] });
    assert.deepEqual([result.agrees, result.reads, result.report, result.findings, result.path], [true, 'agrees', 'agrees', [], at('certificate.json')]);
  }
});

test('files that are not beside the certificate are told, and are no fault of it', async () => {
  const { folder, at } = writtenRun();
  rmSync(at('reads.bin'));
  rmSync(at('report.json'));
  const result = await verifyCertificateFiles(folder);
  assert.deepEqual([result.agrees, result.reads, result.report], [true, 'absent', 'absent']);
});

test('files beside it that were changed are found', async () => {
  const altered = writtenRun();
  const bytes = readFileSync(altered.at('reads.bin'));
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(altered.at('reads.bin'), bytes);
  writeFileSync(altered.at('report.json'), JSON.stringify({ ...REPORT, verdict: 'nothing-known-found' }));
  const result = await verifyCertificateFiles(altered.folder);
  assert.deepEqual([result.agrees, result.reads, result.report], [false, 'differs', 'differs']);
  assert.deepEqual(result.findings.map(({ code }) => code), ['reads-file-altered', 'report-altered']);
  const cut = writtenRun();
  truncateSync(cut.at('reads.bin'), 50);
  writeFileSync(cut.at('report.json'), '{');
  const second = await verifyCertificateFiles(cut.folder);
  assert.deepEqual(second.findings.map(({ code }) => code), ['reads-file-damaged', 'report-altered']);
  assert.equal(second.reads, 'differs');
});

test('a report that says something twice, or in another form, is not the one of the run', async () => {
  const { folder, at } = writtenRun();
  const text = readFileSync(at('report.json'), 'utf8');
  const forms = [text.replace('{', '{\n  "verdict": "nothing-known-found",'), text.replace('"totalMs": 1', '"totalMs": 1.0'), text.trimEnd(), `\ufeff${text}`, text.replaceAll('  ', '\t')];
  for (const form of forms) {
    assert.notEqual(form, text);
    writeFileSync(at('report.json'), form);
    const result = await verifyCertificateFiles(folder);
    assert.deepEqual([result.agrees, result.report], [false, 'differs'], form);
  }
  rmSync(at('report.json'));
  mkdirSync(at('report.json'));
  assert.equal((await verifyCertificateFiles(folder)).report, 'differs', 'something stands there and is no report');
});

test('a pipe in the place of a file holds nothing up', { timeout: 20_000, skip: process.platform === 'win32' }, async () => {
  const { folder, at } = writtenRun();
  for (const name of ['reads.bin', 'report.json']) {
    rmSync(at(name));
    execFileSync('mkfifo', [at(name)]);
  }
  const result = await verifyCertificateFiles(folder);
  assert.deepEqual(result.findings.map(({ code }) => code), ['reads-file-damaged', 'report-altered']);
  rmSync(at('certificate.json'));
  execFileSync('mkfifo', [at('certificate.json')]);
  await assert.rejects(verifyCertificateFiles(folder), { code: 'certificate-not-one' });
});

test('of an altered certificate nothing else is looked at, and no source is read', async () => {
  const { folder, at } = writtenRun();
  appendFileSync(at('certificate.json'), ' ');
  const result = await verifyCertificateFiles(folder, { replay: () => assert.fail('read') });
  assert.deepEqual([result.agrees, result.reads, result.report, result.replay], [false, 'not-checked', 'not-checked', null]);
  assert.deepEqual(result.findings.map(({ code }) => code), ['certificate-altered']);
});

test('a replay of the same source agrees; of a changed one its range is named', async () => {
  const { folder, run } = writtenRun();
  const same = await verifyCertificateFiles(folder, { replay: () => Promise.resolve(testRun(SOURCE)) });
  assert.ok(same.agrees && same.replay!.comparison.agrees);
  const changed = Buffer.from(SOURCE);
  changed[8192]! ^= 1;
  let closed = 0;
  const other = await verifyCertificateFiles(folder, { replay: () => Promise.resolve({ ...testRun(changed), close: () => (closed += 1) }) });
  assert.ok(!other.agrees);
  assert.deepEqual(other.findings, [], 'the certificate itself is right');
  assert.deepEqual(other.replay!.comparison.differingRanges, [{ offset: 8192, length: 4096 }]);
  assert.match(other.replay!.words.join('\n'), /4,096 bytes at offset 8,192/);
  assert.equal(closed, 1);
  assert.equal(run.certificate.readsRoot, testRun(SOURCE).certificate.readsRoot);
});

test('a reads.bin that is not the run’s is not used to say where a replay differs', async () => {
  const { folder, at } = writtenRun();
  writeLeavesFile(at('reads.bin'), [{ name: 'systematic-0', count: 0, leaves: [] }]);
  const changed = Buffer.from(SOURCE);
  changed[0]! ^= 1;
  const result = await verifyCertificateFiles(folder, { replay: () => Promise.resolve(testRun(changed)) });
  assert.ok(!result.replay!.comparison.rangesKnown);
});

test('a signer who is not among the keys given is a finding', async () => {
  const { folder } = writtenRun();
  const result = await verifyCertificateFiles(folder, { trustedPublicKeys: [rawPublicKey(makeUnitKeys('Other').publicKey)] });
  assert.deepEqual([result.agrees, result.findings.map(({ code }) => code)], [false, ['signer-not-trusted']]);
});

test('a path without a certificate is refused', async () => {
  for (const path of [root, join(root, 'none')]) {
    await assert.rejects(verifyCertificateFiles(path), (error) => error instanceof RefusedError && error.code === 'certificate-not-found');
  }
});
