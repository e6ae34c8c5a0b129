import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { Catalogue } from './catalogue.ts';
import { isMediaHead, sniffMedia } from './sniff-media.ts';
import { dataAt, fileItem } from './test-fakes.ts';

const head = (text: string): Buffer => Buffer.from(text.padEnd(16, '\u0000'), 'latin1');

test('pictures and video are known by their first bytes, sound and text are not', () => {
  const media = ['\u00ff\u00d8\u00ff\u00e0', '\u0089PNG', 'GIF89a', 'RIFF\u0000\u0000\u0000\u0000WEBP', 'RIFF\u0000\u0000\u0000\u0000AVI ', '\u0000\u0000\u0000\u0018ftypheic', '\u0000\u0000\u0000\u0018ftypisom', '\u001aE\u00df\u00a3', 'II*\u0000'];
  const others = ['RIFF\u0000\u0000\u0000\u0000WAVE', '\u0000\u0000\u0000\u0018ftypM4A ', 'half time: 1-0', 'MZ', ''];
  for (const one of media) assert.equal(isMediaHead(head(one)), true, one);
  for (const one of others) assert.equal(isMediaHead(head(one)), false, one);
});

test('only wanted items with unknown names are looked at', async () => {
  const bytes = Buffer.alloc(100_000);
  head('\u00ff\u00d8\u00ff\u00e0').copy(bytes, 0);
  head('\u00ff\u00d8\u00ff\u00e0').copy(bytes, 20_000);
  const catalogue = new Catalogue();
  catalogue.add('p1', fileItem('cache_0001', 9000, dataAt([20_000, 9000])));
  catalogue.add('p1', fileItem('system.dll', 9000, dataAt([0, 9000])));
  catalogue.add('p1', fileItem('small', 100, dataAt([0, 100])));
  catalogue.add('p1', fileItem('notes', 9000, dataAt([40_000, 9000])));
  catalogue.add('p1', fileItem('outside', 9000, dataAt([200_000, 9000])));
  catalogue.add('p1', fileItem('gated', 9001, dataAt([0, 9001])));
  const found = await sniffMedia(catalogue, 0, new MemorySource(bytes), (ordinal) => catalogue.sizeBytes(ordinal) !== 9001, new AbortController().signal);
  assert.deepEqual([...found], [0]);
});
