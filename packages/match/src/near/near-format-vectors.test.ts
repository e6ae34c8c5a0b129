/** The near-match vectors of docs/reference/compiled-set-format.md, and a reader written from that page alone. */
import assert from 'node:assert/strict';
import { createHash, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildSet } from '../build/build-set.ts';
import { makeTestFolder } from '../test-folder.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../../docs/reference/compiled-set-format.md'), 'utf8');

/** Value of a row of the table of vectors. */
function vector(name: string): string {
  const value = new RegExp(`^\\| ${name} \\| \`([^\`]+)\` \\|$`, 'm').exec(PAGE)?.[1];
  assert.ok(value !== undefined, `the page has no vector "${name}"`);
  return value;
}

interface Header {
  readonly sections: readonly { readonly name: string; readonly offset: number; readonly lengthBytes: number }[];
  readonly near: { readonly parts: readonly { readonly dialect: string; readonly hashes: number; readonly chunks: number }[] };
}

const textOf = (i: number): string => createHash('sha256').update(`kerbside ${i}`).digest('hex');

/** The set of the first `count` vector hashes, as bytes, and its sections. */
async function buildVector(count: number): Promise<{ header: Header; section: (name: string) => Buffer }> {
  using folder = makeTestFolder();
  const list = folder.write('vector.txt', Array.from({ length: count }, (_, i) => `${textOf(i)},80`).join('\n'));
  const { path } = await buildSet({ out: folder.at('vector.kset'), inputs: [list], meaning: 'alert', createdAt: new Date('2026-01-01T00:00:00Z'), importedBy: 'officer' });
  const file = readFileSync(path);
  assert.equal(file.readUInt32LE(8), 2);
  const headerAt = Number(file.readBigUInt64LE(16));
  const header = JSON.parse(file.toString('utf8', headerAt, headerAt + file.readUInt32LE(12))) as Header;
  const section = (name: string): Buffer => {
    const { offset, lengthBytes } = header.sections.find((one) => one.name === name)!;
    return file.subarray(offset, offset + lengthBytes);
  };
  return { header, section };
}

/** Bits `from` to `from + width - 1` of a hash. */
function bitsFrom(hashBytes: Buffer, from: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 2 + ((hashBytes.readUInt32LE(((from + i) >>> 5) * 4) >>> ((from + i) & 31)) & 1);
  return value;
}

test('the vectors are as the page says', async () => {
  const { header, section } = await buildVector(3);
  assert.deepEqual(header.near.parts.map(({ dialect, hashes, chunks }) => [dialect, hashes, chunks]), [['unknown', 3, 16]]);
  const hashes = section('near-hashes-unknown');
  const words = Array.from({ length: 8 }, (_, i) => hashes.readUInt32LE(i * 4).toString(16).padStart(8, '0')).join('');
  assert.equal(words, vector('first hash in the file'));
  assert.equal(words, [0, 1, 2].map(textOf).sort()[0]);
  assert.equal(bitsFrom(hashes, 0, 16), Number(vector('chunk 0 of it')));
  assert.equal(hash('sha256', hashes), vector('SHA-256 of `near-hashes-unknown`'));
  assert.equal(hash('sha256', section('near-table-unknown-15')), vector('SHA-256 of `near-table-unknown-15`'));
});

test('a reader written from the page finds every hash under its value in every chunk', async () => {
  const { header, section } = await buildVector(2000);
  const { hashes: count, chunks } = header.near.parts[0]!;
  const hashes = section('near-hashes-unknown');
  const narrow = Math.floor(256 / chunks);
  for (let k = 0, from = 0; k < chunks; k++) {
    const width = narrow + (k < 256 % chunks ? 1 : 0);
    const table = section(`near-table-unknown-${k}`);
    const ids = section(`near-ids-unknown-${k}`);
    assert.equal(ids.length, count * 4);
    for (let id = 0; id < count; id++) {
      const bucket = bitsFrom(hashes.subarray(id * 32, id * 32 + 32), from, width);
      const entry = Math.floor(bucket / 32) * 8;
      assert.ok((table.readUInt32LE(entry) & (1 << (bucket % 32))) !== 0);
      let at = table.readUInt32LE(entry + 4);
      for (let before = 0; before < bucket % 32; before++) {
        if ((table.readUInt32LE(entry) & (1 << before)) === 0) continue;
        while (ids.readInt32LE(at * 4) >= 0) at++;
        at++;
      }
      let isThere = false;
      for (let isLast = false; !isLast; at++) {
        isThere ||= (ids.readUInt32LE(at * 4) & 0x7fff_ffff) === id;
        isLast = ids.readInt32LE(at * 4) < 0;
      }
      assert.ok(isThere, `hash ${id} is not under its value in chunk ${k}`);
    }
    from += width;
  }
});
