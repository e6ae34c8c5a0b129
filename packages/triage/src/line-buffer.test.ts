import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineBuffer } from './line-buffer.ts';

test('what is written comes out whole, in order and escaped, whatever the lengths', () => {
  const piece = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 40, maxLength: 300 }), fc.integer({ min: 0, max: 300_000 }).map((length) => 'é"'.repeat(length >> 4)));
  fc.assert(
    fc.property(fc.array(fc.record({ piece, value: fc.oneof(fc.maxSafeNat(), fc.nat(200), fc.double({ noNaN: true, noDefaultInfinity: true })) }), { maxLength: 30 }), (lines) => {
      const chunks: Buffer[] = [];
      const out = new LineBuffer((bytes) => chunks.push(Buffer.from(bytes)));
      for (const line of lines) {
        out.bytes(Buffer.from('{"text":"'));
        out.jsonText(line.piece);
        out.text('","value":');
        out.number(line.value);
        out.bytes(Buffer.from('}'));
        out.endLine();
      }
      out.flush();
      for (const chunk of chunks) assert.equal(chunk.at(-1), 0x0a, 'only whole lines are passed on');
      const text = Buffer.concat(chunks).toString();
      assert.equal(text, lines.map((line) => `{"text":${JSON.stringify(line.piece)},"value":${String(line.value)}}\n`).join(''));
    }),
    { numRuns: 100, seed: 6 },
  );
});

test('a line taken out again is not passed on', () => {
  const chunks: string[] = [];
  const out = new LineBuffer((bytes) => chunks.push(Buffer.from(bytes).toString()));
  out.line('first');
  out.text('taken');
  assert.equal(out.takeLine(), 'taken');
  out.line('second');
  out.flush();
  assert.deepEqual(chunks, ['first\nsecond\n']);
});
