import assert from 'node:assert/strict';
import test from 'node:test';
import { digestMarkup, formatBytes, formatDuration, formatExactBytes, formatShare, formatUtc } from './figures.ts';
import { escapeHtml } from './markup.ts';

test('bytes in the units of the device’s label, exact where small', () => {
  assert.deepEqual([0, 1, 999, 1000, 41_943_040, 64e9].map(formatBytes), ['0 bytes', '1 byte', '999 bytes', '1.00 kB', '41.9 MB', '64.0 GB']);
  assert.deepEqual([512, 41_943_040].map(formatExactBytes), ['512 bytes', '41,943,040 bytes (41.9 MB)']);
});

test('durations and times: UTC is said', () => {
  assert.deepEqual([400, 59_400, 65_000, 7_620_000].map(formatDuration), ['0.4 s', '59 s', '1 min 05 s', '2 h 07 min']);
  assert.equal(formatUtc('2026-11-23T19:59:26.488Z'), '23 Nov 2026, 19:59:26 UTC');
  assert.equal(formatUtc('unknown'), 'unknown');
});

test('a share is never rounded to all or nothing', () => {
  assert.equal(formatShare(999_999, 1_000_000), 'over 99.9 %');
  assert.equal(formatShare(1, 1_000_000), 'under 0.1 %');
  assert.equal(formatShare(1, 1), '100 %');
  assert.equal(formatShare(0, 0), '–');
});

test('a digest may break in the middle and nowhere else; copied it is whole', () => {
  assert.equal(digestMarkup('a'.repeat(64)).markup, `${'a'.repeat(32)}<wbr>${'a'.repeat(32)}`);
});

test('escaping: markup is inert, controls are replaced, unseen marks are written out', () => {
  assert.equal(escapeHtml(`<b a="1" c='2'>&\``), '&#60;b a=&#34;1&#34; c=&#39;2&#39;&#62;&#38;&#96;');
  assert.equal(escapeHtml('a\u0000\u001b\u009b'), 'a\ufffd\ufffd\ufffd');
  assert.equal(escapeHtml('photo\u202egpj\u200b'), 'photo\\u{202e}gpj\\u{200b}');
});
