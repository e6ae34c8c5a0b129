import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { createRecordingSink, type RecordedRow } from '../recording-sink.ts';
import type { FormatFacts, FormatOptions } from '../set-format.ts';
import { openSourceFile } from '../source-file.ts';
import { vicsFormat } from './vics-format.ts';

const folder = mkdtempSync(join(tmpdir(), 'kerbside-vics-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const UK_MEDIA = 'http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/UK/$metadata#Media';
const UK_CASES = UK_MEDIA.replace('#Media', '#Cases');
const V13_MEDIA = 'http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media';

const digest = (algorithm: string, n: number): string => createHash(algorithm).update(`goal ${n}`).digest('hex');
const md5 = (n: number): string => digest('md5', n);
const sha1 = (n: number): string => digest('sha1', n);
const sha256 = (n: number): string => digest('sha256', n);

function read(content: string | Buffer, options: FormatOptions = {}): { rows: RecordedRow[]; rejected: [number, string][]; notes: [number, string][]; facts: FormatFacts; sniffed: boolean } {
  const path = join(folder, 'list.json');
  writeFileSync(path, content);
  const source = openSourceFile(path);
  try {
    const { sink, rows, rejected, notes } = createRecordingSink();
    const sniffed = vicsFormat.sniff(source.head, source.fileName);
    const facts = vicsFormat.read(source, sink, options) as FormatFacts;
    return { rows, rejected, notes, facts, sniffed };
  } finally {
    source.close();
  }
}

test('2.0 #Media: digests of every kind, size, category; numbers or strings; upper case, spaces', () => {
  const result = read(
    JSON.stringify({
      '@odata.context': UK_MEDIA,
      value: [
        { MediaID: 1, MD5: md5(1).toUpperCase(), SHA1: ` ${sha1(1)} `, MediaSize: 1234, Category: 1, AlternativeHashes: [{ MD5: md5(99), HashName: 'PhotoDNA', HashValue: 'x'.repeat(192) }, { HashValue: sha256(1), HashName: 'SHA256' }] },
        { MediaID: 2, SHA1: sha1(2), MediaSize: '99', Category: null },
        { Category: '2', MD5: md5(3), MediaFiles: [{ MD5: md5(77), FileName: 'bridge.jpg', FilePath: 'p\\q\\' }], Exifs: [{ MD5: md5(78), PropertyName: 'a', PropertyValue: 'b' }] },
      ],
    }),
  );
  assert.equal(result.sniffed, true);
  assert.deepEqual(result.rows, [
    { place: 1, md5: md5(1), sha1: sha1(1), sizes: [1234], category: '1', sha256: sha256(1) },
    { place: 2, sha1: sha1(2), sizes: [99] },
    { place: 3, category: '2', md5: md5(3) },
  ]);
  assert.deepEqual(result.facts, { version: '2.0 UK #Media' });
  assert.deepEqual(result.rejected, []);
});

test('#Cases: media of every case, with case data before or after them; a case is no row', () => {
  const result = read(
    JSON.stringify({
      '@odata.context': UK_CASES,
      value: [
        { CaseID: 'a', Media: [{ MD5: md5(1) }, { MD5: md5(2) }], CaseMetadata: [{ PropertyName: 'MD5', PropertyValue: 'no' }] },
        { Media: [{ MD5: md5(3) }], CaseNumber: 'x' },
        { CaseNumber: 'empty', Media: [] },
      ],
    }),
  );
  assert.deepEqual(result.rows.map((row) => row.md5), [md5(1), md5(2), md5(3)]);
  assert.deepEqual(result.rejected, []);
});

test('1.3 with OData furniture, `value` before the context, BOM, UTF-16 in both byte orders', () => {
  const record = { 'odata.id': 'x', 'Media@odata.navigationLinkUrl': 'y', MD5: md5(1), MediaSize: 5 };
  const expected = [{ place: 1, md5: md5(1), sizes: [5] }];
  assert.deepEqual(read(JSON.stringify({ 'odata.metadata': V13_MEDIA, value: [record] })).rows, expected);
  assert.deepEqual(read(JSON.stringify({ value: [record], 'odata.metadata': V13_MEDIA })).rows, expected);
  const text = JSON.stringify({ 'odata.metadata': V13_MEDIA, value: [record] }, null, 2);
  const bom = read(`\ufeff${text}`);
  assert.deepEqual([bom.rows, bom.sniffed, bom.facts.version], [expected, true, '1.3 #Media']);
  const little = read(Buffer.from(`\ufeff${text}`, 'utf16le'));
  assert.deepEqual([little.rows, little.sniffed], [expected, true]);
  assert.deepEqual(read(Buffer.from(`\ufeff${text}`, 'utf16le').swap16()).rows, expected);
});

test('escaped slashes in the context, unknown version and locale: read, with a warning', () => {
  const escaped = JSON.stringify({ '@odata.context': UK_MEDIA, value: [{ MD5: md5(1) }] }).replaceAll('/', '\\/');
  assert.deepEqual(read(escaped).facts, { version: '2.0 UK #Media' });
  const odd = read(JSON.stringify({ '@odata.context': UK_MEDIA.replace('/2.0.', '/3.1.'), value: [{ MD5: md5(1) }] }));
  assert.equal(odd.rows.length, 1);
  assert.match(odd.facts.warnings?.[0] ?? '', /VICS 3\.1/);
  assert.match(read(JSON.stringify({ '@odata.context': UK_MEDIA.replace('/UK/', '/Moon/'), value: [{ MD5: md5(1) }] })).facts.warnings?.[0] ?? '', /Moon/);
});

test('broken records are counted with their number and the rest is taken', () => {
  const result = read(
    JSON.stringify({
      '@odata.context': UK_MEDIA,
      value: [{ MD5: 'not hex at all, not even length' }, { MD5: 'z'.repeat(32) }, { MediaID: 3 }, { MD5: 'zz', SHA1: sha1(4) }, {}, { MD5: null, SHA1: '' }, { MD5: md5(7), MediaSize: 2 ** 60 }],
    }),
  );
  assert.deepEqual(result.rejected, [[1, 'digest-wrong-length'], [2, 'digest-not-hex'], [3, 'no-digest'], [5, 'no-digest'], [6, 'no-digest']]);
  assert.deepEqual(result.notes, [[4, 'digest-dropped-wrong-length']]);
  assert.deepEqual(result.rows.map((row) => row.place), [4, 7]);
  assert.equal(result.rows[1]?.sizes, undefined);
});

test('bytes that are not UTF-8 reject their record only', () => {
  const before = `{"@odata.context":"${UK_MEDIA}","value":[{"MD5":"${md5(1)}"},{"MD5":"${md5(2)}","Comments":"`;
  const result = read(Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xfe, 0x41]), Buffer.from(`"},{"MD5":"${md5(3)}","Comments":"é"}]}`)]));
  assert.deepEqual(result.rejected, [[2, 'text-not-utf8']]);
  assert.deepEqual(result.rows.map((row) => row.md5), [md5(1), md5(3)]);
});

test('a file cut off anywhere is refused, or taken as far as it goes when ordered', () => {
  const text = JSON.stringify({ '@odata.context': UK_MEDIA, value: [{ MD5: md5(1) }, { MD5: md5(2), MediaSize: 8 }] });
  const cut = text.slice(0, -20);
  assert.throws(() => read(cut), (error: unknown) => error instanceof RefusedError && error.code === 'list-cut-off');
  const taken = read(cut, { acceptCutOff: true });
  assert.deepEqual(taken.rows.map((row) => row.md5), [md5(1)]);
  assert.deepEqual(taken.rejected, [[2, 'file-cut-off']]);
  assert.match(taken.facts.warnings?.[0] ?? '', /cut off/);
});

test('JSON without a context is refused; other files are not taken for VICS', () => {
  assert.throws(() => read(JSON.stringify({ value: [{ MD5: md5(1) }] })), (error: unknown) => error instanceof RefusedError && error.code === 'vics-no-envelope');
  for (const other of [`${md5(1)}  bridge.jpg\n`, 'MD5,SHA1\n', '[1,2]', '%%%% HASHDEEP-1.0\n']) {
    assert.equal(vicsFormat.sniff(Buffer.from(other), 'a.json'), false, other);
  }
});

test('previews of any size are passed over in bounded memory', () => {
  const preview = 'A'.repeat(3_000_000);
  const result = read(JSON.stringify({ '@odata.context': UK_MEDIA, value: [{ MD5: md5(1), Miniature: preview, MediaSize: 7 }, { Miniature: preview, MD5: md5(2) }] }));
  assert.deepEqual(result.rows, [{ place: 1, md5: md5(1), sizes: [7] }, { place: 2, md5: md5(2) }]);
});
