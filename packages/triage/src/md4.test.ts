import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEd2k, ED2K_PART_BYTES } from './ed2k.ts';
import { createMd4 } from './md4.ts';

function md4(text: string, pieces = 1): string {
  const bytes = Buffer.from(text);
  const running = createMd4();
  for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / pieces)) running.update(bytes.subarray(at, at + Math.ceil(bytes.length / pieces)));
  return running.digest().toString('hex');
}

test('MD4 gives the values of RFC 1320, appendix A.5', () => {
  const values: [string, string][] = [
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
    ['12345678901234567890123456789012345678901234567890123456789012345678901234567890', 'e33b4ddc9c38f2199c3e7b164fcc0536'],
  ];
  for (const [text, expected] of values) {
    assert.equal(md4(text), expected);
    assert.equal(md4(text, 7), expected, 'in pieces');
  }
});

test('ED2K of a short file is its MD4; of whole parts the two dialects differ', () => {
  const short = createEd2k();
  short.update(Buffer.from('abc'));
  assert.equal(short.digest().toString('hex'), 'a448017aaf21d8525fc10ae87aa6729d'.repeat(2));
  // Known values for one part of zeros (eMule's, then the original).
  const part = createEd2k();
  part.update(Buffer.alloc(ED2K_PART_BYTES));
  const both = part.digest().toString('hex');
  assert.equal(both.slice(32), 'd7def262a127cd79096a108e7a9fc138');
  assert.equal(both.slice(0, 32), 'fc21d9af828f92a8df64beac3357425d');
});
