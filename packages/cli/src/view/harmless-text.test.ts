import assert from 'node:assert/strict';
import test from 'node:test';
import { harmlessText } from './harmless-text.ts';

test('controls, direction marks and zero-width characters are written out; plain text and line breaks stand', () => {
  assert.equal(harmlessText('bridge.jpg\n'), 'bridge.jpg\n');
  assert.equal(harmlessText('\u001b[2Jred\u0007'), '\\u{1b}[2Jred\\u{7}');
  assert.equal(harmlessText('\u009b31m'), '\\u{9b}31m');
  assert.equal(harmlessText('photo\u202egpj.exe'), 'photo\\u{202e}gpj.exe');
  assert.equal(harmlessText('a\u200bb'), 'a\\u{200b}b');
  assert.equal(harmlessText('a\r\nb'), 'a\\u{d}\nb');
});
