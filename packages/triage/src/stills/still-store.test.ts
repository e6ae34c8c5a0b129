import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makePicture, makeRandom } from '@kerbside/corpus';
import { openStillStore, STILL_STORE_NAME } from './still-store.ts';
import { makeTestRun } from './test-run.ts';

const ANSWER = makePicture({ kind: 'png', seed: 3, widthPx: 160, heightPx: 106 });

const still = (seed: number): Buffer => {
  const bytes = Buffer.alloc(3000 + seed);
  makeRandom(seed).fill(bytes);
  return bytes;
};

describe('the store of stills', () => {
  it('gives back what it keeps, in this process and the next, by name', () => {
    using run = makeTestRun();
    {
      using store = openStillStore(run.runFolder, run.home);
      for (let seed = 0; seed < 20; seed++) assert.equal(store.keep(`item ${seed}`, still(seed)), true);
      assert.deepEqual(store.find('item 7'), still(7));
      assert.equal(store.find('item 20'), null);
    }
    using again = openStillStore(run.runFolder, run.home);
    for (let seed = 0; seed < 20; seed++) assert.deepEqual(again.find(`item ${seed}`), still(seed));
  });

  it('holds nothing of a still or its name in clear, and the key stands in the home folder for its owner alone', () => {
    using run = makeTestRun();
    {
      using store = openStillStore(run.runFolder, run.home);
      store.keep('p1/DCIM/kittens.jpg', ANSWER);
      store.keep('flat', Buffer.alloc(20_000, 0x5a));
    }
    const file = readFileSync(join(run.runFolder, STILL_STORE_NAME));
    // Every 16 bytes of the picture, from anywhere in it, are nowhere in the file.
    for (let at = 0; at + 16 <= ANSWER.length; at += 16) assert.equal(file.indexOf(ANSWER.subarray(at, at + 16)), -1, `bytes from ${at}`);
    for (const clear of ['kittens', 'DCIM', 'IHDR', 'PNG', Buffer.alloc(8, 0x5a)]) assert.equal(file.indexOf(clear), -1);
    const [key] = readdirSync(join(run.home, 'still-keys'));
    assert.equal(statSync(join(run.home, 'still-keys', key!)).mode & 0o777, 0o600);
    assert.equal(statSync(join(run.runFolder, STILL_STORE_NAME)).mode & 0o777, 0o600);
    const secret = Buffer.from((JSON.parse(readFileSync(join(run.home, 'still-keys', key!), 'utf8')) as { key: string }).key, 'base64');
    assert.equal(secret.length, 32);
    assert.equal(file.indexOf(secret), -1);
  });

  it('is refused without its key, with another key, and with a key that others may read', () => {
    using run = makeTestRun();
    {
      using store = openStillStore(run.runFolder, run.home);
      store.keep('a', still(1));
    }
    const elsewhere = join(run.home, 'elsewhere');
    mkdirSync(elsewhere);
    assert.throws(() => openStillStore(run.runFolder, elsewhere), { code: 'still-key-missing' });
    const [name] = readdirSync(join(run.home, 'still-keys'));
    const path = join(run.home, 'still-keys', name!);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/"key":"[^"]+"/, `"key":"${Buffer.alloc(32, 7).toString('base64')}"`));
    assert.throws(() => openStillStore(run.runFolder, run.home), { code: 'still-key-wrong' });
    writeFileSync(path, text);
    chmodSync(path, 0o640);
    assert.throws(() => openStillStore(run.runFolder, run.home), { code: 'still-key-unusable', message: /chmod 600/ });
    chmodSync(path, 0o600);
    writeFileSync(path, 'not a key');
    assert.throws(() => openStillStore(run.runFolder, run.home), { code: 'still-key-unusable' });
  });

  it('drops a record that a kill cut short, at every length, and goes on behind the last whole one', () => {
    using run = makeTestRun();
    const path = join(run.runFolder, STILL_STORE_NAME);
    {
      using store = openStillStore(run.runFolder, run.home);
      store.keep('first', still(1));
    }
    const wholeBytes = statSync(path).size;
    {
      using store = openStillStore(run.runFolder, run.home);
      store.keep('second', Buffer.from('second'));
    }
    for (let length = statSync(path).size - 1; length >= wholeBytes; length--) {
      truncateSync(path, length);
      using store = openStillStore(run.runFolder, run.home);
      assert.equal(store.find('second'), null);
      assert.deepEqual(store.find('first'), still(1));
    }
    using store = openStillStore(run.runFolder, run.home);
    store.keep('third', still(3));
    assert.deepEqual([store.find('first'), store.find('third')], [still(1), still(3)]);
  });

  it('never gives out an altered still, whichever byte was changed', () => {
    using run = makeTestRun();
    const path = join(run.runFolder, STILL_STORE_NAME);
    const content = Buffer.from('a small still');
    {
      using store = openStillStore(run.runFolder, run.home);
      store.keep('one', content);
    }
    const bytes = readFileSync(path);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      writeFileSync(path, changed);
      try {
        using store = openStillStore(run.runFolder, run.home);
        assert.equal(store.find('one'), null, `byte ${at}`);
      } catch (error) {
        assert.match((error as { code?: string }).code ?? '', /^still-(store|key)-/, `byte ${at}`);
      }
    }
  });

  it('takes no more than its bound, and says so', () => {
    using run = makeTestRun();
    using store = openStillStore(run.runFolder, run.home, 7000);
    assert.equal(store.keep('a', still(0)), true);
    assert.equal(store.keep('b', still(0)), true);
    assert.equal(store.keep('c', still(0)), false);
    assert.equal(store.find('c'), null);
    assert.ok(statSync(join(run.runFolder, STILL_STORE_NAME)).size <= 7000);
  });
});
