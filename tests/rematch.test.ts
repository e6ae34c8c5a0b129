import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { buildSet } from '@kerbside/match';
import { ensureUnitKeys, exportSetKey, makeUnitKeys, writeKeyFile, type UnitKeys } from '@kerbside/ledger';
import { loadRetroHunt, type ManifestItem } from '@kerbside/triage';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import type { Finished } from './support/run-kerbside.ts';

const { createManifestWriter, DESTRUCTION_LOG_NAME } = await loadRetroHunt();

const DAY_MS = 24 * 60 * 60 * 1000;
const sha1 = (text: string): Buffer => createHash('sha1').update(text).digest();
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

interface Place {
  readonly folder: string;
  readonly home: string;
  readonly set: string;
  manifest(name: string, items: readonly ManifestItem[], expiresInDays?: number, unit?: UnitKeys): string;
  rematch(...words: string[]): Finished;
}

/** A home with keys, and a new list that knows the text "final score". */
async function makePlace(context: TestContext): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-rematch-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  const keys = ensureUnitKeys(home, 'Unit A, Exampleshire');
  writeFileSync(join(folder, 'list.csv'), `size,sha1\n4000,${sha1('final score').toString('hex')}\n`);
  const { path: set } = await buildSet({ out: join(folder, 'new.kset'), inputs: [join(folder, 'list.csv')], meaning: 'alert', name: 'New list' });
  mkdirSync(join(folder, 'runs'));
  return {
    folder,
    home,
    set,
    manifest(name, items, expiresInDays = 100, unit = keys) {
      const path = join(folder, 'runs', `${name}.kman`);
      const facts = { label: name, sourceDigest: 'ab'.repeat(32), sourceBytes: 1, runId: name, toolVersion: '0', createdAt: inDays(-30), expiresAt: inDays(expiresInDays) };
      const writer = createManifestWriter(path, facts, { unit, setCodeKeys: [] });
      writer.add(items);
      writer.finish(true);
      return path;
    },
    rematch: (...words) => kerbside(['rematch', ...words], { KERBSIDE_HOME: home }),
  };
}

test('rematch says which past device a new set would have hit, and tells length alone apart', async (context) => {
  const place = await makePlace(context);
  place.manifest('SMB-1', [{ sizeBytes: 4000, state: 'read', sha1: sha1('final score') }, { sizeBytes: 9, state: 'read', sha1: sha1('half time') }]);
  place.manifest('SMB-2', [{ sizeBytes: 4000, state: 'gated' }, { sizeBytes: 4001, state: 'gated' }]);
  place.manifest('SMB-3', [{ sizeBytes: 4000, state: 'read', sha1: sha1('half time') }]);
  const run = place.rematch(join(place.folder, 'runs'), '--set', place.set);
  assert.equal(run.status, 10, run.stderr);
  assert.match(run.stdout, /^■ FILES OF THE NEW SET WERE ON A PAST DEVICE$/m);
  const day = inDays(100).slice(0, 10);
  for (const [name, cells] of [['SMB-1', '1 \\(unmapped 1\\) +0 +–'], ['SMB-2', '0 +1 +–'], ['SMB-3', '0 +0 +–']]) assert.match(run.stdout, new RegExp(`^${name} +${inDays(-30).slice(0, 10)} +${cells} +${day}$`, 'm'));
  assert.match(run.stdout, /Confirm it on the device/);
  assert.match(run.stdout, /examine the device again/);

  assert.equal(place.rematch(join(place.folder, 'runs', 'SMB-2.kman'), '--set', place.set).status, 20);
  const none = place.rematch(join(place.folder, 'runs', 'SMB-3.kman'), '--set', place.set, '--json');
  assert.equal(none.status, 0);
  const answer = JSON.parse(none.stdout) as { outcome: string; manifests: { answers: { hits: number }[] }[] };
  assert.deepEqual([answer.outcome, answer.manifests[0]?.answers[0]?.hits], ['none', 0]);
});

test('an altered manifest and one of another unit are refused and told, the others are asked; the exit code says so', async (context) => {
  const place = await makePlace(context);
  const other = makeUnitKeys('Unit B, Exampleshire');
  const altered = place.manifest('altered', [{ sizeBytes: 4000, state: 'gated' }]);
  const bytes = readFileSync(altered);
  bytes[66]! ^= 1;
  writeFileSync(altered, bytes);
  const foreign = place.manifest('foreign', [{ sizeBytes: 4000, state: 'read', sha1: sha1('final score') }], 100, other);
  const plain = place.manifest('plain', []);
  const some = place.rematch(altered, foreign, plain, '--set', place.set);
  assert.equal(some.status, 20, some.stderr);
  assert.match(some.stdout, /manifest-altered/);
  assert.match(some.stdout, /manifest-signer-unknown/);
  assert.equal(place.rematch(altered, '--set', place.set).status, 2);
  writeKeyFile(join(place.folder, 'other.key'), exportSetKey(other));
  assert.equal(place.rematch(foreign, plain, '--set', place.set, '--key', join(place.folder, 'other.key')).status, 10);
});

test('an expired manifest is destroyed by rematch and by --expire, and the record says so', async (context) => {
  const place = await makePlace(context);
  const item: ManifestItem = { sizeBytes: 4000, state: 'read', sha1: sha1('final score') };
  const first = place.manifest('first', [item], -1);
  const run = place.rematch(first, '--set', place.set);
  assert.equal(run.status, 20, run.stderr);
  assert.match(run.stdout, /^Destroyed: first/m);
  assert.equal(existsSync(first), false);
  const second = place.manifest('second', [item], -1);
  const kept = place.manifest('kept', [item]);
  const expire = place.rematch('--expire', join(place.folder, 'runs'));
  assert.equal(expire.status, 0, expire.stderr);
  assert.match(expire.stdout, /1 destroyed, 1 kept, 0 refused/);
  assert.deepEqual([existsSync(second), existsSync(kept)], [false, true]);
  const lines = readFileSync(join(place.home, DESTRUCTION_LOG_NAME), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { state: string; label: string });
  assert.deepEqual(lines.map(({ state, label }) => `${label} ${state}`), ['first intent', 'first done', 'second intent', 'second done']);
});

test('wrong use is refused with what to do', async (context) => {
  const place = await makePlace(context);
  const manifest = place.manifest('a', []);
  for (const [words, message] of [
    [[manifest], /--set/],
    [['--set', place.set], /at least one manifest/],
    [[place.home, '--set', place.set], /no manifest in the folder/],
    [['--expire', place.folder, '--set', place.set], /asks no set/],
    [[manifest, '--set', place.set, '--home', join(place.folder, 'empty')], /--key/],
    [[manifest, '--set', join(place.folder, 'list.csv')], /not a compiled set/],
  ] as const) {
    const run = place.rematch(...words);
    assert.equal(run.status, 2, words.join(' '));
    assert.match(run.stderr, message);
  }
});
