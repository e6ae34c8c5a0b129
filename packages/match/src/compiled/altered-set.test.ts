import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { buildSet } from '../build/build-set.ts';
import { verifySet } from '../describe-set.ts';
import { makeTestFolder, type TestFolder } from '../test-folder.ts';
import { BLOCK_BYTES } from './layout.ts';
import { openSet } from './open-set.ts';
import { openSetFile } from './set-file.ts';

const CONTENTS = Array.from({ length: 3000 }, (_, i) => `content ${i}`);
const digestOf = (kind: 'md5' | 'sha1', text: string): Buffer => createHash(kind).update(text).digest();

async function buildSample(folder: TestFolder): Promise<string> {
  const rows = CONTENTS.map((text, i) => `${i * 9000},${digestOf('md5', text).toString('hex')},${digestOf('sha1', text).toString('hex')}`);
  const list = folder.write('list.csv', ['size,md5,sha1', ...rows].join('\n'));
  const { path } = await buildSet({ out: folder.at('good.kset'), inputs: [list], meaning: 'alert' });
  return path;
}

/** Every look-up either answers as the good set would, or the set is refused. Returns whether it was refused. */
function answersTrulyOrRefuses(path: string): boolean {
  try {
    const set = openSet(path);
    try {
      for (const [i, text] of CONTENTS.entries()) {
        for (const kind of ['md5', 'sha1'] as const) {
          const rows = set.lookup(kind, digestOf(kind, text));
          assert.equal(rows.length, 1, `${text} was lost without a word`);
          assert.equal(rows[0]?.md5, digestOf('md5', text).toString('hex'));
          assert.deepEqual(rows[0]?.sizesBytes, [i * 9000]);
        }
        assert.equal(set.mayHaveSize?.(i * 9000), true);
        assert.deepEqual(set.lookup('md5', digestOf('md5', `other ${i}`)), []);
      }
      return false;
    } finally {
      set.close();
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(error instanceof RefusedError, `not refused but ${String(error)}`);
    assert.match(error.code, /^set-(altered|truncated|not-a-set|version-unknown)$/);
    return true;
  }
}

test('a set with any byte altered never loses or invents a hit: it is refused', async () => {
  using folder = makeTestFolder();
  const good = readFileSync(await buildSample(folder));
  const path = folder.at('bad.kset');
  const { sections } = openSetFile(folder.at('good.kset')).header;
  const meaningful = (at: number): boolean =>
    at < 4096 || sections.some(({ offset, lengthBytes }) => at >= offset && at < offset + lengthBytes) ||
    at >= Math.max(...sections.map(({ offset, lengthBytes }) => Math.ceil((offset + lengthBytes) / BLOCK_BYTES) * BLOCK_BYTES));
  const places = [0, 7, 8, 12, 16, 24, 32, 63, 64, 4095, 4096, good.length - 1];
  for (const { offset, lengthBytes } of sections) places.push(offset, offset + lengthBytes - 1);
  for (let i = 0; i < 60; i++) places.push(randomBytes(4).readUInt32LE() % good.length);
  for (const at of places) {
    const bad = Buffer.from(good);
    bad[at]! ^= 1 << (at % 8);
    writeFileSync(path, bad);
    const refused = answersTrulyOrRefuses(path);
    if (meaningful(at)) {
      assert.ok(refused, `byte ${at} was altered and nobody noticed`);
      await assert.rejects(verifySet(path), RefusedError);
    }
  }
});

test('a set cut anywhere, or with bytes behind it, is refused when it is opened', async () => {
  using folder = makeTestFolder();
  const good = await buildSample(folder);
  const size = statSync(good).size;
  for (const cut of [0, 4, 8, 63, 4095, 4096, 5000, size >> 1, size - 1]) {
    const path = folder.at('cut.kset');
    copyFileSync(good, path);
    truncateSync(path, cut);
    assert.throws(() => openSet(path), { code: cut < 8 ? 'set-not-a-set' : 'set-truncated' });
  }
  const longer = folder.write('longer.kset', Buffer.concat([readFileSync(good), Buffer.alloc(1)]));
  assert.throws(() => openSet(longer), { code: 'set-altered' });
});

test('what is not a set of this version is refused by name', async () => {
  using folder = makeTestFolder();
  assert.throws(() => openSet(folder.at('absent')), { code: 'set-not-found' });
  assert.throws(() => openSet(folder.path), { code: 'set-not-a-set' });
  assert.throws(() => openSet(folder.write('empty', '')), { code: 'set-not-a-set' });
  assert.throws(() => openSet(folder.write('list', `${'ab'.repeat(16)}\n`)), { code: 'set-not-a-set' });
  const other = Buffer.from(readFileSync(await buildSample(folder)));
  other.writeUInt32LE(3, 8);
  assert.throws(() => openSet(folder.write('later.kset', other)), { code: 'set-version-unknown' });
});
