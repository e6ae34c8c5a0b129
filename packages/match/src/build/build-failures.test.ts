import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openSet } from '../compiled/open-set.ts';
import { lookupDigestText } from '../lookup-text.ts';
import { makeTestFolder } from '../test-folder.ts';
import { buildSet } from './build-set.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const listOf = (rows: number): string => Array.from({ length: rows }, (_, i) => `${md5(String(i))}  f${i}.jpg\n`).join('');
const requireTools = process.env['KERBSIDE_REQUIRE_TOOLS'] === '1';

test('no space: said clearly, nothing left behind', async (t) => {
  using folder = makeTestFolder();
  const small = folder.at('small');
  mkdirSync(small);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', small]).status !== 0) {
    t.skip('needs root to mount a small file system');
    return;
  }
  try {
    const list = folder.write('list', listOf(20_000));
    const building = buildSet({ out: join(small, 'out.kset'), inputs: [list], meaning: 'alert' });
    await assert.rejects(building, { code: 'set-no-space', kind: 'refused' });
    assert.deepEqual(readdirSync(small), []);
  } finally {
    spawnSync('umount', [small]);
  }
});

test('a build killed at any moment leaves no set; the next one tidies up and succeeds', async () => {
  using folder = makeTestFolder();
  const list = folder.write('list', listOf(200_000));
  const out = folder.at('out.kset');
  const script = `import { buildSet } from ${JSON.stringify(new URL('./build-set.ts', import.meta.url).href)};
    await buildSet({ out: ${JSON.stringify(out)}, inputs: [${JSON.stringify(list)}], meaning: 'alert' });`;
  for (const afterMs of [120, 250, 350]) {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await wait(afterMs);
    child.kill('SIGKILL');
    await ended;
    // Either nothing stands under the name, or (when it was quicker than the kill) a whole set.
    if (existsSync(out)) openSet(out).close();
  }
  writeFileSync(`${out}.partial-999999999`, 'left by a build that was killed');
  const result = await buildSet({ out, inputs: [list], meaning: 'alert' });
  assert.equal(result.facts.rows, 200_000);
  assert.deepEqual(readdirSync(folder.path).sort(), ['list', 'out.kset']);
});

test('an interrupted build stops between steps and leaves nothing', async () => {
  using folder = makeTestFolder();
  const list = folder.write('list', listOf(5000));
  const stop = new Error('stopped');
  const onProgress = (step: string): void => {
    if (step === 'write') throw stop;
  };
  await assert.rejects(buildSet({ out: folder.at('out.kset'), inputs: [list], meaning: 'alert', onProgress }), stop);
  assert.deepEqual(readdirSync(folder.path), ['list']);
});

test('answers equal hfind’s on the same list', async (t) => {
  if (spawnSync('hfind', ['-V']).error !== undefined) {
    assert.ok(!requireTools, 'hfind (Debian package sleuthkit) is missing');
    t.skip('needs hfind (Debian package sleuthkit)');
    return;
  }
  using folder = makeTestFolder();
  const list = folder.write('list', listOf(2000));
  const asked = Array.from({ length: 4000 }, (_, i) => md5(String(i * 3)));
  assert.equal(spawnSync('hfind', ['-i', 'md5sum', list]).status, 0);
  const found = spawnSync('hfind', ['-f', folder.write('asked', `${asked.join('\n')}\n`), list], { encoding: 'utf8' }).stdout;
  const theirs = new Map(found.trim().split('\n').map((line) => [line.slice(0, 32).toLowerCase(), !line.includes('Hash Not Found')]));
  const { path } = await buildSet({ out: folder.at('out.kset'), inputs: [list], meaning: 'alert' });
  const set = openSet(path);
  for (const digest of asked) {
    assert.equal(set.lookup('md5', Buffer.from(digest, 'hex')).length > 0, theirs.get(digest), digest);
  }
  set.close();
});

test('a digest given as text is looked up under every kind it may be', async () => {
  using folder = makeTestFolder();
  const { path } = await buildSet({ out: folder.at('s.kset'), inputs: [folder.write('l', `md5,ed2k\n${md5('a')},${md5('b')}\n`)], meaning: 'reference' });
  const set = openSet(path);
  const hits = (text: string): string[] => lookupDigestText(set, text).filter(({ rows }) => rows.length > 0).map(({ algorithm }) => algorithm);
  assert.deepEqual(hits(md5('a').toUpperCase()), ['md5']);
  assert.deepEqual(hits(` ${md5('b')} `), ['ed2k']);
  assert.deepEqual(hits(md5('c')), []);
  assert.deepEqual(hits('ab'.repeat(32)), []);
  assert.throws(() => lookupDigestText(set, 'abc'), { code: 'digest-not-recognised' });
  assert.throws(() => lookupDigestText(set, 'zz'.repeat(16)), { code: 'digest-not-recognised' });
  set.close();
});
