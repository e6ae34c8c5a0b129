/*
 * Block sets through the real command: made from a folder in one step, described, refused with the reason.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { contentChunks, generatedBytes } from '@kerbside/corpus';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { makeFolder, type Finished } from './support/run-kerbside.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());
const at = (...names: string[]): string => join(folder.path, ...names);

mkdirSync(at('known', 'more'), { recursive: true });
for (let i = 0; i < 6; i++) writeFileSync(at('known', i % 2 === 0 ? '.' : 'more', `picture ${i}.jpg`), Buffer.concat([...contentChunks(generatedBytes(i, 40_000 + i))]));

const run = (argv: readonly string[], home = 'home'): Finished => kerbside(argv, { KERBSIDE_HOME: at(home) });

test('one command makes a signed set of a folder, with keys of its own, and another tells what is in it', () => {
  const made = run(['set', 'blocks', at('tip.kblocks'), '--from', at('known'), '--name', 'Tip 0417', '--category', 'B', '--edition', '4', '--expires', '2090-06-30']);
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, /Block set "Tip 0417" written to .*tip\.kblocks/);
  assert.match(made.stdout, /6 files, 54 of 54 blocks indexed/);
  assert.equal(statSync(at('home')).mode & 0o777, 0o700);

  const info = run(['set', 'info', at('tip.kblocks')]);
  assert.equal(info.status, 0, info.stderr);
  for (const line of [/Block set +Tip 0417/, /edition 4/, /Category +B/, /may be used until 30 Jun 2090, 23:59:59 UTC/, /File codes 6 of SHA-1/, /Use +signature good/]) assert.match(info.stdout, line);

  const stranger = run(['set', 'info', at('tip.kblocks')], 'other-home');
  assert.equal(stranger.status, 0, stranger.stderr);
  assert.match(stranger.stdout, /REFUSED by a run \(block-set-signer-unknown\)/);

  const json = JSON.parse(run(['set', 'info', at('tip.kblocks'), '--json']).stdout) as { facts: { blocks: number; category: string }; refusal: unknown };
  assert.deepEqual([json.facts.blocks, json.facts.category, json.refusal], [54, 'B', null]);
});

test('the key file of another machine makes and opens the same sets', () => {
  const key = at('home', 'unit.key');
  const made = run(['set', 'blocks', at('again.kblocks'), '--from', at('known'), '--key', key, '--json'], 'other-home');
  assert.equal(made.status, 0, made.stderr);
  assert.match(run(['set', 'info', at('again.kblocks'), '--key', key], 'other-home').stdout, /signature good/);
  const { facts } = JSON.parse(made.stdout) as { facts: { signerId: string; name: string } };
  assert.equal(facts.name, 'known');
});

test('a changed set and wrong use are refused with the reason', () => {
  const bytes = readFileSync(at('tip.kblocks'));
  bytes[30_000]! ^= 1;
  writeFileSync(at('changed.kblocks'), bytes);
  const cases: [string[], RegExp][] = [
    [['set', 'info', at('changed.kblocks')], /block-set-altered/],
    [['set', 'blocks', at('x.kblocks')], /Name at least one folder or list/],
    [['set', 'blocks', at('x.kblocks'), '--from', at('known'), '--expires', '2026-02-30'], /YYYY-MM-DD/],
    [['set', 'blocks', at('x.kblocks'), '--from', at('known'), '--expires', '2001-01-01'], /block-set-expiry-wrong/],
    [['set', 'blocks', at('x.kblocks'), '--from', at('known'), '--edition', 'two'], /whole number/],
    [['set', 'blocks', at('x.kblocks'), '--from', at('known'), '--category', 'Z'], /block-set-category-unknown/],
    [['set', 'blocks', at('known', 'x.kblocks'), '--from', at('known')], /block-set-out-in-source/],
    [['set', 'blocks', at('x.kblocks'), '--from', at('known'), '--key', at('tip.kblocks')], /key-file-/],
  ];
  for (const [argv, reason] of cases) {
    const refused = run(argv);
    assert.equal(refused.status, 2, argv.join(' '));
    assert.match(refused.stderr, reason);
    assert.doesNotMatch(refused.stderr, /\n +at /);
  }
});
