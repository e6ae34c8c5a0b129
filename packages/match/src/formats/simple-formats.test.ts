import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeTestFolder } from '../test-folder.ts';
import { readCsvHeader, csv } from './csv.ts';
import { digestList } from './digest-list.ts';
import { hashdeep } from './hashdeep.ts';
import { MAX_LINE_BYTES, readLines } from './lines.ts';
import { createRecordingSink, type RecordedRow } from './recording-sink.ts';
import type { FormatOptions, SetFormat } from './set-format.ts';
import { setFormats } from './set-formats.ts';
import { openSourceFile } from './source-file.ts';

const MD5 = '900150983cd24fb0d6963f7d28e17f72';
const SHA1 = 'a9993e364706816aba3e25717850c26c9cd0d89d';
const SHA256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

interface ReadResult {
  readonly recognisedAs: string | undefined;
  readonly rows: readonly RecordedRow[];
  readonly rejected: readonly [number, string][];
  readonly notes: readonly [number, string][];
  readonly sha256: string;
}

async function readAs(format: SetFormat, content: string | Uint8Array, options: FormatOptions = {}): Promise<ReadResult> {
  using folder = makeTestFolder();
  const source = openSourceFile(folder.write('list.txt', content));
  try {
    const { sink, rows, rejected, notes } = createRecordingSink();
    await format.read(source, sink, options);
    const recognisedAs = setFormats.find((candidate) => candidate.sniff(source.head, source.fileName))?.name;
    return { recognisedAs, rows, rejected, notes, sha256: source.finishDigest() };
  } finally {
    source.close();
  }
}

test('md5sum, sha1sum and sha256sum lists in GNU, BSD and OpenSSL form', async () => {
  const lines = [
    `${MD5}  a.jpg`, `${MD5.toUpperCase()} *b.jpg`, `\\${MD5}  with\\nline.jpg`, `MD5 (c d.jpg) = ${MD5}`, `MD5(e)= ${MD5}`, MD5, '', '# note',
  ];
  const { rows, rejected, recognisedAs, sha256 } = await readAs(digestList, lines.join('\r\n'));
  assert.equal(recognisedAs, 'digest-list');
  assert.deepEqual(rows, [1, 2, 3, 4, 5, 6].map((place) => ({ place, md5: MD5 })));
  assert.deepEqual(rejected, []);
  assert.equal(sha256, createHash('sha256').update(lines.join('\r\n')).digest('hex'));
  assert.deepEqual((await readAs(digestList, `${SHA1}  x\n`)).rows, [{ place: 1, sha1: SHA1 }]);
  assert.deepEqual((await readAs(digestList, `${SHA256}  x\n`)).rows, [{ place: 1, sha256: SHA256 }]);
  assert.deepEqual((await readAs(digestList, `SHA256 (x) = ${SHA256}\nSHA1 (x) = ${SHA1}`)).rows, [
    { place: 1, sha256: SHA256 }, { place: 2, sha1: SHA1 },
  ]);
});

test('a plain list may have a heading, a byte order mark or be UTF-16; broken lines are rejected with their numbers', async () => {
  const text = `MD5\n${MD5}\nxyz\n${MD5.slice(1)}\n${MD5}0\nSHA512 (x) = 00\n${MD5} `;
  for (const bytes of [Buffer.from(text), Buffer.from(`\uFEFF${text}`), Buffer.from(`\uFEFF${text}`, 'utf16le'), Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()]) {
    const { rows, rejected, recognisedAs } = await readAs(digestList, bytes);
    assert.equal(recognisedAs, 'digest-list');
    assert.deepEqual(rows.map(({ place }) => place), [2, 7]);
    assert.deepEqual(rejected, [
      [3, 'digest-not-hex'], [4, 'digest-wrong-length'], [5, 'digest-wrong-length'], [6, 'digest-kind-unknown'],
    ]);
  }
});

test('a list of several digest lengths is refused until that is confirmed', async () => {
  await assert.rejects(readAs(digestList, `${MD5}\n${SHA1}\n`), { code: 'list-mixed-digests' });
  const { rows } = await readAs(digestList, `${MD5}\n${SHA1}\n`, { mixedDigestKinds: true });
  assert.deepEqual(rows, [{ place: 1, md5: MD5 }, { place: 2, sha1: SHA1 }]);
});

test('hashdeep: columns by heading, commas in names, comments, broken rows', async () => {
  const text = [
    '%%%% HASHDEEP-1.0', '%%%% size,md5,sha256,filename', '## Invoked from: /x', '##', `3,${MD5},${SHA256},/x/a, b, c.jpg`,
    `,${MD5},${SHA256},no size`, `x,${MD5},${SHA256},odd size`, `3,${MD5}`, `3,${MD5.slice(2)},${SHA256},one good`, `3,zz,yy,none good`,
  ].join('\n');
  const { rows, rejected, notes, recognisedAs } = await readAs(hashdeep, text);
  assert.equal(recognisedAs, 'hashdeep');
  assert.deepEqual(rows, [
    { place: 5, sizes: [3], md5: MD5, sha256: SHA256 },
    { place: 6, md5: MD5, sha256: SHA256 },
    { place: 7, md5: MD5, sha256: SHA256 },
    { place: 9, sizes: [3], sha256: SHA256 },
  ].map((row) => row));
  assert.deepEqual(rejected, [[8, 'too-few-columns'], [10, 'digest-not-hex']]);
  assert.deepEqual(notes, [[9, 'digest-dropped-wrong-length']]);
  await assert.rejects(readAs(hashdeep, '%%%% HASHDEEP-1.0\n%%%% colour,filename\n'), { code: 'list-columns-unknown' });
});

test('CSV: delimiters, quotes, doubled quotes, line ends inside quotes, names in any spelling', async () => {
  for (const d of [',', ';', '\t']) {
    const text = [
      ['File Name', 'MD5 Hash', 'File_Size', 'category'].join(d),
      ['"a ""b"".jpg"', MD5, '3', '1'].join(d),
      [`"two${d}\nlines"`, `"${MD5}"`, ' 4 ', '"x ""y"""'].join(d),
      ['c', '', '5', '1'].join(d),
      ['d', 'zz', '5', '1'].join(d),
      ['5" disk', MD5, '', ''].join(d),
    ].join('\r\n');
    const { rows, rejected, recognisedAs } = await readAs(csv, text);
    assert.equal(recognisedAs, 'csv');
    assert.deepEqual(rows, [
      { place: 2, md5: MD5, sizes: [3], category: '1' },
      { place: 3, md5: MD5, sizes: [4], category: 'x "y"' },
      { place: 7, md5: MD5 },
    ]);
    assert.deepEqual(rejected, [[5, 'no-digest'], [6, 'digest-not-hex']]);
  }
});

test('CSV: a stray quote costs its own line, not those behind it', async () => {
  const good = Array.from({ length: 250 }, () => `x,${MD5}`);
  const { rows, rejected } = await readAs(csv, ['name,md5', `"stray,${MD5}`, ...good, `"last,${MD5}`].join('\n'));
  assert.deepEqual(rejected, [[2, 'quote-not-closed'], [253, 'quote-not-closed']]);
  assert.deepEqual(rows.map(({ place }) => place), good.map((_row, i) => i + 3));
});

test('CSV: the officer names columns; a header is needed; a wrong name is said', async () => {
  const text = `Prüfsumme;Bytes;Stufe\n${SHA1};7;B\n`;
  await assert.rejects(readAs(csv, text), { code: 'list-csv-without-header' });
  await assert.rejects(readAs(csv, `${MD5},3\n${MD5},4\n`), { code: 'list-csv-without-header' });
  await assert.rejects(readAs(csv, text, { columns: { sha1: 'digest' } }), { code: 'list-column-not-found' });
  const { rows } = await readAs(csv, text, { columns: { sha1: 'prüfsumme', size: 'BYTES', category: 'Stufe' } });
  assert.deepEqual(rows, [{ place: 2, sha1: SHA1, sizes: [7], category: 'B' }]);
  assert.deepEqual((await readAs(csv, `hash,x\n${MD5},\n${SHA256},\n${MD5.slice(1)},\n`)).rows, [
    { place: 2, md5: MD5 }, { place: 3, sha256: SHA256 },
  ]);
  assert.equal(readCsvHeader('name,colour'), null);
});

test('property: lines come out the same however the bytes are cut into chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('', 'a', 'bc', '\r', 'long line'), { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 7 })), (lines, cuts) => {
      const bytes = Buffer.from(lines.join('\n'));
      const chunks: Buffer[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const length = cuts[i % Math.max(1, cuts.length)] ?? 3;
        chunks.push(bytes.subarray(at, at + length));
        at += length;
      }
      const got: string[] = [];
      readLines(chunks, (from, start, end, line) => got.push(`${line}:${from.toString('latin1', start, end)}`), () => assert.fail());
      const expected = lines.join('\n').split('\n').map((line, i) => `${i + 1}:${line.replace(/\r$/, '')}`);
      if (lines.join('\n').endsWith('\n') || lines.join('\n') === '') expected.pop();
      assert.deepEqual(got, expected);
    }),
  );
});

test('a line longer than any list’s is passed over and counted, and memory stays bounded', () => {
  const huge = Buffer.alloc(MAX_LINE_BYTES, 0x61);
  const seen: string[] = [];
  readLines([Buffer.from('a\n'), huge, huge, huge, Buffer.from('b\nc')], (bytes, start, end, line) => seen.push(`${line}:${bytes.toString('latin1', start, end)}`), (line) => seen.push(`${line} too long`));
  assert.deepEqual(seen, ['1:a', '2 too long', '3:c']);
});

test('property: no reader throws on arbitrary bytes once it has begun, and each row ends once', async () => {
  const piece = fc.constantFrom('"', ',', '\n', MD5, SHA1.slice(3), '\\', '# ', '%%%%', '\0', 'é', '3', ';', '\r\n', `${MD5}\n`);
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
      for (const [format, head] of [[digestList, ''], [csv, 'md5,size\n'], [hashdeep, '%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n']] as const) {
        const text = head + pieces.join('').replaceAll('%%%%', format === hashdeep ? '##' : '%%%%');
        if (text === '') continue;
        await readAs(format, text, { mixedDigestKinds: true });
      }
    }),
    { numRuns: 150 },
  );
});
