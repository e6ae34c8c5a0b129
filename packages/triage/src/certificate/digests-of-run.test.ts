import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, type JsonObject } from '@kerbside/ledger';
import { reportJson } from '../write-report.ts';
import type { Report, ReportHit } from '../report-types.ts';
import { buildDigest, digestOfProgram } from './build-digest.ts';
import { digestOfReport, hitsFacts } from './report-digest.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..', '..');

/** The line that docs/reference/certificate.md gives to anybody who wants to check a build. */
const BY_HAND = `{ find packages/*/src -type f -name '*.ts' ! -name '*.test.ts'; echo package-lock.json; } | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum | cut -c 1-64`;

function byHand(folder: string): string {
  return spawnSync('bash', ['-c', BY_HAND], { cwd: folder, encoding: 'utf8' }).stdout.trim();
}

test('the digest of the build is the one that sha256sum gives', () => {
  assert.match(buildDigest(), /^[0-9a-f]{64}$/);
  assert.equal(buildDigest(), byHand(REPOSITORY));
  assert.equal(buildDigest(), digestOfProgram(REPOSITORY));
});

test('it follows every source file and the lockfile, and no test', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-build-'));
  try {
    for (const path of ['packages/a/src/deep/x.ts', 'packages/a/src/x.ts', 'packages/b/src/Z.ts', 'packages/a/src/x.test.ts', 'package-lock.json']) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), path);
    }
    let before = digestOfProgram(folder);
    assert.equal(before, byHand(folder));
    for (const path of ['packages/a/src/deep/x.ts', 'packages/a/src/x.ts', 'packages/b/src/Z.ts', 'package-lock.json']) {
      appendFileSync(join(folder, path), ' ');
      const after = digestOfProgram(folder);
      assert.notEqual(after, before, path);
      before = after;
    }
    appendFileSync(join(folder, 'packages/a/src/x.test.ts'), ' ');
    assert.equal(digestOfProgram(folder), before);
    writeFileSync(join(folder, 'packages/a/src/new.ts'), '');
    assert.notEqual(digestOfProgram(folder), before);
    assert.equal(digestOfProgram(folder), byHand(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const json = fc.dictionary(fc.string().filter((name) => name !== '__proto__'), fc.jsonValue({ stringUnit: 'grapheme' })) as fc.Arbitrary<JsonObject>;

test('the digest of a report is that of its canonical JSON without timings', () => {
  fc.assert(
    fc.property(json, fc.jsonValue(), (report, timings) => {
      const plain = JSON.parse(JSON.stringify(report)) as JsonObject;
      const rest = Object.fromEntries(Object.entries(plain).filter(([name]) => name !== 'timings')) as JsonObject;
      assert.equal(digestOfReport({ ...plain, timings }), hash('sha256', canonicalJson(rest), 'hex'));
    }),
    { seed: 51, numRuns: 300 },
  );
});

test('report.json read again has the digest of the report as it was made', () => {
  const report = { verdict: 'not-finished', hits: [{ path: 'ü', size: 1 }], coverage: { a: 0.1 }, problems: [], timings: { startedAt: 'now' } };
  const text = [...reportJson(report as unknown as Report)].join('');
  assert.equal(digestOfReport(JSON.parse(text) as object), digestOfReport(report));
});

test('hits are counted by meaning and strength, in a fixed order, and their digest follows every field', () => {
  const hit = (meaning: string, strength: string, path: string): ReportHit => ({ meaning, strength, path }) as ReportHit;
  const hits = [hit('reference', 'confirmed', 'a'), hit('alert', 'weak-only', 'b'), hit('alert', 'confirmed', 'c'), hit('alert', 'weak-only', 'd')];
  const facts = hitsFacts(hits);
  assert.equal(facts.count, 4);
  assert.deepEqual(facts.counts, [
    { meaning: 'alert', strength: 'confirmed', count: 1 },
    { meaning: 'alert', strength: 'weak-only', count: 2 },
    { meaning: 'reference', strength: 'confirmed', count: 1 },
  ]);
  assert.notEqual(hitsFacts([...hits.slice(0, 3), hit('alert', 'weak-only', 'e')]).digest, facts.digest);
});
