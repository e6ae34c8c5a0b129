import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createJsonScanner, MAX_TOKEN_BYTES } from './json-scanner.ts';

/** Everything the scanner says about a text fed in pieces of the given sizes. */
function scan(bytes: Buffer, pieceBytes: number): { tokens: string[]; whole: boolean } {
  const tokens: string[] = [];
  const scanner = createJsonScanner({
    open: (kind) => tokens.push(kind === 'object' ? '{' : '['),
    close: (kind) => tokens.push(kind === 'object' ? '}' : ']'),
    key: (b, s, e) => tokens.push(`k:${b.toString('utf8', s, e)}`),
    string: (b, s, e) => tokens.push(`s:${b.toString('utf8', s, e)}`),
    bare: (b, s, e) => tokens.push(`b:${b.toString('utf8', s, e)}`),
    longString: () => tokens.push('long'),
    fault: (what) => tokens.push(`!${what}`),
  });
  // A copy per piece, overwritten afterwards, shows that nothing is kept by reference.
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = Buffer.from(bytes.subarray(at, at + pieceBytes));
    scanner.feed(piece);
    piece.fill(0x21);
  }
  return { tokens, whole: scanner.end() };
}

/** The same tokens from JSON.parse's result. */
function tokensOf(value: unknown): string[] {
  if (Array.isArray(value)) return ['[', ...value.flatMap(tokensOf), ']'];
  if (value !== null && typeof value === 'object') {
    return ['{', ...Object.entries(value).flatMap(([k, v]) => [`k:${JSON.stringify(k).slice(1, -1)}`, ...tokensOf(v)]), '}'];
  }
  return [typeof value === 'string' ? `s:${JSON.stringify(value).slice(1, -1)}` : `b:${JSON.stringify(value)}`];
}

test('tokens equal those of JSON.parse, in whatever pieces the text arrives', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }).filter((v) => v !== null && typeof v === 'object'), fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 1), (value, pieceBytes, indent) => {
      const text = JSON.stringify(value, null, indent);
      const { tokens, whole } = scan(Buffer.from(text), pieceBytes);
      assert.deepEqual(tokens, tokensOf(JSON.parse(text)));
      assert.equal(whole, true);
    }),
    { numRuns: 400 },
  );
});

test('long strings are passed over in any pieces, whatever backslashes and quotes they hold', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\\"a]{0,12}$/), fc.integer({ min: 1, max: 3000 }), fc.boolean(), (tail, pieceBytes, asKey) => {
      const long = 'x'.repeat(MAX_TOKEN_BYTES + 10) + tail;
      const text = JSON.stringify(asKey ? { [long]: 1, z: 2 } : { a: long, z: 2 });
      const expected = asKey ? ['{', 'b:1', 'k:z', 'b:2', '}'] : ['{', 'k:a', 'long', 'k:z', 'b:2', '}'];
      const result = scan(Buffer.from(text), pieceBytes);
      assert.deepEqual(result, { tokens: expected, whole: true });
    }),
    { numRuns: 200 },
  );
});

test('bytes that are not UTF-8 and brackets that do not fit are told', () => {
  assert.ok(scan(Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]), 100).tokens.includes('!text-not-utf8'));
  assert.ok(scan(Buffer.from('{"a":[1}]'), 100).tokens.includes('!record-malformed'));
  assert.ok(scan(Buffer.from('}'), 100).tokens.includes('!record-malformed'));
});

test('a text cut off anywhere is never whole; any bytes at all end in bounded time', () => {
  const text = Buffer.from('{"value":[{"MD5":"ab","n":12},{"x":"y\\""}]}');
  for (let cut = 0; cut < text.length; cut++) assert.equal(scan(text.subarray(0, cut), 7).whole, false, `cut at ${cut}`);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), fc.integer({ min: 1, max: 50 }), (bytes, pieceBytes) => void scan(Buffer.from(bytes), pieceBytes)));
});

test('nesting far beyond the depth followed is counted, not stored', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  assert.equal(scan(Buffer.from(deep), 65_536).whole, true);
});
