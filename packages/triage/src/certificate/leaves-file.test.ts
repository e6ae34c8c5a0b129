import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { RefusedError } from '@kerbside/bytes';
import { hashLeaf, merkleRoot } from '@kerbside/ledger';
import { certificateBody } from './build-certificate.ts';
import type { CertificateBody } from './certificate-types.ts';
import { openLeavesFile, writeLeavesFile } from './leaves-file.ts';
import { pieces } from './leaf-stages.ts';
import { testRun } from './test-certificate.ts';
import { verifyLeaves } from './verify-certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'kerbside-leaves-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'reads.bin');

/** A run with its reads.bin written. */
function writtenRun(): { body: CertificateBody; path: string } {
  const run = testRun(Buffer.alloc(30_000, 3));
  const { readsFile } = writeLeavesFile(path, run.stageLeaves.map(({ name, leaves }) => ({ name, count: leaves.byteLength / 32, leaves: [leaves] })));
  return { body: certificateBody({ ...run.input, readsFile }), path };
}

function codesOf(body: CertificateBody): string[] {
  let file;
  try {
    file = openLeavesFile(path);
  } catch (error) {
    assert.ok(error instanceof RefusedError);
    return [error.code];
  }
  try {
    return verifyLeaves(body, file).map(({ code }) => code);
  } finally {
    file.close();
  }
}

function inPieces(leaves: readonly Uint8Array[], atOnce: number): Buffer[] {
  return Array.from({ length: Math.ceil(leaves.length / atOnce) }, (_, piece) => Buffer.concat(leaves.slice(piece * atOnce, (piece + 1) * atOnce)));
}

test('what is written is read again, with the roots of a list', () => {
  const stages = fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z0-9-]{1,20}$/), leaves: fc.array(fc.nat().map((value) => hashLeaf(Buffer.from(String(value)))), { maxLength: 50 }) }), { selector: ({ name }) => name, maxLength: 5 });
  fc.assert(
    fc.property(stages, fc.integer({ min: 1, max: 7 }), (list, atOnce) => {
      const written = writeLeavesFile(path, list.map(({ name, leaves }) => ({ name, count: leaves.length, leaves: inPieces(leaves, atOnce) })));
      assert.deepEqual(written.roots, list.map(({ leaves }) => merkleRoot(leaves).toString('hex')));
      const file = openLeavesFile(path);
      assert.equal(file.digest(), written.readsFile.digest);
      assert.equal(file.sizeBytes, written.readsFile.sizeBytes);
      assert.deepEqual(file.stages, list.map(({ name, leaves }) => ({ name, count: leaves.length })));
      for (const [stage, { leaves }] of list.entries()) assert.deepEqual(Buffer.concat([...pieces(file, stage)].map(({ bytes }) => Buffer.from(bytes))), Buffer.concat(leaves));
      file.close();
    }),
    { seed: 31, numRuns: 60 },
  );
  assert.deepEqual(readdirSync(folder), ['reads.bin']);
});

test('any bit changed in reads.bin is told', () => {
  const { body } = writtenRun();
  assert.deepEqual(codesOf(body), []);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 1 << (at % 8);
    writeFileSync(path, changed);
    assert.match(codesOf(body).join(), /^reads-file-(altered|damaged)$/, `byte ${at}`);
  }
});

test('a reads.bin that is cut, longer, empty, another run’s or not there is told', () => {
  const { body } = writtenRun();
  const whole = readFileSync(path);
  for (const length of [0, 10, 31, 32, 100, whole.length - 32, whole.length - 1]) {
    writeFileSync(path, whole.subarray(0, length));
    assert.deepEqual(codesOf(body), ['reads-file-damaged'], `cut to ${length}`);
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.alloc(32)]));
  assert.deepEqual(codesOf(body), ['reads-file-damaged']);
  writeLeavesFile(path, [{ name: 'systematic-0', count: 1, leaves: [Buffer.alloc(32)] }]);
  assert.deepEqual(codesOf(body), ['reads-file-altered']);
  rmSync(path);
  assert.deepEqual(codesOf(body), ['reads-file-not-found']);
});

test('a certificate signed over other leaves than it states is found by the roots', () => {
  const run = testRun(Buffer.alloc(30_000, 3));
  const stages = run.stageLeaves.map(({ name, leaves }) => ({ name, count: leaves.byteLength / 32, leaves: [Buffer.from(leaves)] }));
  stages[1]!.leaves[0]![40]! ^= 1;
  const { readsFile } = writeLeavesFile(path, stages);
  assert.deepEqual(codesOf(certificateBody({ ...run.input, readsFile })), ['reads-file-root']);
  const { readsFile: fewer } = writeLeavesFile(path, stages.slice(0, 1));
  assert.deepEqual(codesOf(certificateBody({ ...run.input, readsFile: fewer })), ['reads-file-stages']);
});

test('a table that promises more than the file holds is refused, not followed', () => {
  writtenRun();
  const whole = readFileSync(path);
  for (const count of [2n ** 40n, 2n ** 64n - 1n]) {
    whole.writeBigUInt64LE(count, 32 + 64);
    writeFileSync(path, whole);
    assert.throws(() => openLeavesFile(path), (error) => error instanceof RefusedError && error.code === 'reads-file-damaged');
  }
});

test('a stage with another number of leaves than it says is a fault of ours, and leaves no file', () => {
  rmSync(path, { force: true });
  assert.throws(() => writeLeavesFile(path, [{ name: 'a', count: 2, leaves: [Buffer.alloc(32)] }]), RangeError);
  assert.throws(() => writeLeavesFile(path, [{ name: 'a'.repeat(65), count: 0, leaves: [] }]), RangeError);
  assert.deepEqual(readdirSync(folder), []);
  assert.throws(() => writeLeavesFile(join(folder, 'none', 'reads.bin'), []), (error) => error instanceof RefusedError && error.code === 'out-folder-full');
});
