import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { csv } from '../csv.ts';
import { createRecordingSink } from '../recording-sink.ts';
import { openSourceFile } from '../source-file.ts';
import { icseFormat } from './icse-format.ts';

const folder = mkdtempSync(join(tmpdir(), 'kerbside-icse-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const HEADER = 'MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;Number of submissions;File Available;Media Type;Baseline';
const digest = (algorithm: string, n: number): string => createHash(algorithm).update(`corner kick ${n}`).digest('hex');

function read(text: string) {
  const path = join(folder, 'export.csv');
  writeFileSync(path, text);
  const source = openSourceFile(path);
  try {
    const recorded = createRecordingSink();
    void icseFormat.read(source, recorded.sink, {});
    return recorded;
  } finally {
    source.close();
  }
}

const row = (n: number, baseline: string): string => `${digest('md5', n).toUpperCase()};${digest('sha1', n)};;${n};y;n;;"a ; series";3;TRUE;image;${baseline}`;

test('digests and the Baseline flag of every spelling; unknown flags stay unknown', () => {
  const { rows, rejected } = read(`${HEADER}\r\n${['Y', 'yes', 'True', 'n', 'maybe', ''].map((flag, n) => row(n, flag)).join('\r\n')}\r\n`);
  assert.deepEqual(rows.map((r) => [r.place, r.md5, r.sha1, r.category]), [0, 1, 2, 3, 4, 5].map((n) => [n + 2, digest('md5', n), digest('sha1', n), n < 3 ? 'baseline' : undefined]));
  assert.deepEqual(rejected, []);
});

test('header in any case and order, with a BOM and further columns', () => {
  const { rows } = read(`\ufeffbaseline;extra;photoDNA;md5\nt;x;;${digest('md5', 1)}\n`);
  assert.deepEqual(rows, [{ place: 2, md5: digest('md5', 1), category: 'baseline' }]);
});

test('broken rows are counted with their line', () => {
  const { rows, rejected, notes } = read(`${HEADER}\n${row(1, 'y')}\nzz;zz\n${row(2, 'n').replace(/^\w+/, 'xyz')}\n${row(3, 'n').replace(/^\w+;\w+/, ';')}\n"open;${digest('md5', 4)}\n"open;${row(4, 'y')}\n`);
  assert.deepEqual(rows.map((r) => r.place), [2, 4]);
  assert.deepEqual(notes, [[4, 'digest-dropped-not-hex']]);
  assert.deepEqual(rejected, [[3, 'too-few-columns'], [5, 'no-digest'], [6, 'quote-not-closed'], [7, 'too-few-columns']]);
});

test('recognised by its header only, ahead of plain CSV; without the header it is refused', () => {
  const head = Buffer.from(`${HEADER}\n`);
  assert.equal(icseFormat.sniff(head, 'list.txt'), true);
  assert.equal(csv.sniff(head, 'list.txt'), true, 'plain CSV would also take it, so ICSE is asked first');
  assert.equal(icseFormat.sniff(Buffer.from('MD5;SHA1\n'), 'icse.csv'), false);
  assert.throws(() => read(`${digest('md5', 1)};x\n`), (error: unknown) => error instanceof RefusedError && error.code === 'icse-without-header');
});
