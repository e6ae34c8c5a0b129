/* The demo, as someone who has just cloned the repository runs it in a pipe: no terminal, nobody to answer. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { kerbside, makeFolder, readReport } from './support/run-kerbside.ts';

test('the demo makes its device, finds exactly what was put there, prints where the report is, and waits for nobody', () => {
  using folder = makeFolder();
  const run = kerbside(['demo', '--folder', folder.path, '--scale', '0.3']);
  assert.equal(run.status, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /KNOWN MATERIAL FOUND/);
  const reportPage = join(folder.path, 'run', 'report.html');
  assert.ok(run.stdout.includes(reportPage), 'says where the report is');
  assert.ok(existsSync(reportPage));
  assert.match(readFileSync(reportPage, 'utf8'), /Known material found/);
  assert.match(run.stdout, /every one of the \d+ known files was found at its place, and nothing else/);

  const report = readReport(join(folder.path, 'run'));
  assert.deepEqual(report.volumes.map((volume) => volume.name), ['FAT32', 'exFAT', 'NTFS', 'ext4']);
  assert.ok(report.hits.some((hit) => hit.state !== 'allocated'), 'deleted ones too');
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(run.stdout + run.stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/, 'plain text where there is no terminal');
});
