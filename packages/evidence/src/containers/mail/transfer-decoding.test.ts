import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeQuotedPrintable, writeUuencoded } from '@kerbside/corpus';
import { decodeTransfer, type TransferEncoding } from './transfer-decoding.ts';
import { unescapeFrom } from './unescape-from.ts';

function decode(encoding: TransferEncoding, text: string | Uint8Array, pieceBytes = 1 << 20): Buffer {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  return Buffer.concat([...decodeTransfer(encoding, pieces)].map((piece) => Buffer.from(piece)));
}

test('what is encoded comes back, whatever the content, the line length and the pieces', () => {
  const content = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(content, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 90 }), (bytes, pieceBytes, lineLength) => {
      const base64 = Buffer.from(bytes).toString('base64').replace(new RegExp(`.{${lineLength}}`, 'g'), '$&\r\n');
      assert.deepEqual(decode('base64', base64, pieceBytes), Buffer.from(bytes));
      assert.deepEqual(decode('quoted-printable', writeQuotedPrintable(bytes), pieceBytes), Buffer.from(bytes));
      assert.deepEqual(decode('uuencode', writeUuencoded(bytes, 'x'), pieceBytes), Buffer.from(bytes));
      assert.deepEqual(decode('none', bytes, pieceBytes), Buffer.from(bytes));
    }),
    { numRuns: 300 },
  );
});

test('base64 as Node decodes it, on text with foreign bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.array(fc.tuple(fc.nat(100), fc.constantFrom(' ', '\r\n', '!', '\0', '>'))), (bytes, foreign) => {
      let text = Buffer.from(bytes).toString('base64');
      for (const [at, mark] of foreign) text = text.slice(0, at % text.length) + mark + text.slice(at % text.length);
      assert.deepEqual(decode('base64', text), Buffer.from(text, 'base64'));
    }),
  );
});

test('known texts, sound and damaged', () => {
  const cases: [TransferEncoding, string, string][] = [
    ['base64', 'Zm9v', 'foo'],
    ['base64', 'Zm9vYg', 'foob'],
    ['base64', 'Zm9vYmE', 'fooba'],
    ['base64', 'Zm9vYg==YmFy', 'foobbar'],
    ['base64', '=', ''],
    ['base64', 'Z', ''],
    ['quoted-printable', 'a=3Db=\r\nc  \r\nd', 'a=bc\r\nd'],
    ['quoted-printable', 'x=ZZ=3=', 'x=ZZ=3'],
    ['quoted-printable', '=c3=B6', 'Ã¶'],
    ['quoted-printable', 'end =', 'end '],
    ['uuencode', 'begin 644 a\n#0V%T\n`\nend\n', 'Cat'],
    ['uuencode', '#0V%T', 'Cat'],
    ['uuencode', 'M', ''],
  ];
  for (const [encoding, text, expected] of cases) assert.equal(decode(encoding, text).toString('latin1'), expected, `${encoding} ${text}`);
});

test('lines quoted for an mbox lose one mark each, wherever the pieces end', () => {
  const text = '>From a\nx >From b\n>>From c\n>Fro\n>>>From d';
  for (let size = 1; size <= text.length; size++) {
    const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g'))!.map((piece) => Buffer.from(piece));
    assert.equal(Buffer.concat([...unescapeFrom(pieces)]).toString(), 'From a\nx >From b\n>From c\n>Fro\n>>From d', `pieces of ${size}`);
  }
});
