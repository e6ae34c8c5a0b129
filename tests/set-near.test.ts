/*
 * Sets that find altered pictures, through the real command: built from a folder and from a list of hashes, with the
 * options that say how the hashes were made, and asked for what is near. All pictures are generated.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { makePhotograph } from '@kerbside/corpus';
import sharp from 'sharp';
import { kerbside, makeFolder } from './support/run-kerbside.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());
const at = (...names: string[]): string => join(folder.path, ...names);

interface Row {
  readonly distance: number;
  readonly dialect: string;
  readonly kind: string;
  readonly rawCategory: string | null;
}

interface Lookup {
  readonly pdq: string;
  readonly found: boolean;
  readonly rows: readonly Row[];
  readonly more: number;
}

interface Pdq {
  readonly pdq: Readonly<Record<'512nn' | 'full', { readonly hash: string }>>;
}

let hashes: Pdq['pdq'];

function run(...args: string[]): string {
  const { status, stdout, stderr } = kerbside(args);
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

function lookup(set: string, hash: string, ...options: string[]): Lookup {
  return JSON.parse(run('set', 'lookup', set, '--pdq', hash, '--json', ...options)) as Lookup;
}

before(async () => {
  mkdirSync(at('tip', 'inner'), { recursive: true });
  for (const seed of [1, 2]) {
    const { pixels, widthPx, heightPx } = makePhotograph(seed, 640, 480);
    await sharp(pixels, { raw: { width: widthPx, height: heightPx, channels: 3 } }).jpeg().toFile(at('tip', 'inner', `${seed}.jpg`));
  }
  await sharp(at('tip', 'inner', '1.jpg')).resize(300).jpeg({ quality: 60 }).toFile(at('copy.jpg'));
  writeFileSync(at('tip', 'note.txt'), 'a text about football');
  writeFileSync(at('tip', 'broken.jpg'), Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(400, 9)]));
  hashes = (JSON.parse(run('pdq', at('tip', 'inner', '1.jpg'), '--json').split('\n')[0]!) as Pdq).pdq;
});

test('a folder becomes a set: pictures in both dialects, what cannot be decoded by its digests, all counted and named', () => {
  const built = kerbside(['set', 'build', at('tip.kset'), '--from-folder', at('tip'), '--meaning', 'alert', '--name', 'Tip', '--folder-code', 'T']);
  assert.equal(built.status, 0, built.stderr);
  assert.match(built.stdout, /Files +4: 2 pictures, 0 videos, 1 by their digests alone, 1 neither picture nor video, 0 empty/);
  assert.match(built.stdout, /PDQ: 4 read = 4 taken/);
  assert.match(built.stdout + built.stderr, /Not decoded: .*broken\.jpg/);
  const own = lookup(at('tip.kset'), hashes.full.hash);
  assert.ok(own.rows.some(({ distance, dialect, kind, rawCategory }) => distance === 0 && dialect === 'full' && kind === 'picture' && rawCategory === 'T'), JSON.stringify(own));
  assert.equal(own.rows.length, 2, 'both dialects of one picture, and nothing of the other');
  const copy = (JSON.parse(run('pdq', at('copy.jpg'), '--json').split('\n')[0]!) as Pdq).pdq;
  const near = lookup(at('tip.kset'), copy.full.hash);
  assert.ok(near.found && near.rows[0]!.distance > 0 && near.rows[0]!.distance <= 16, JSON.stringify(near));
  assert.equal(lookup(at('tip.kset'), copy.full.hash, '--radius', '0').found, false);
});

test('a list says how its hashes were made, and a set asked for a hash that is known shows when it was read wrongly', () => {
  const reversed = hashes['512nn'].hash.match(/.{4}/g)!.toReversed().join('');
  writeFileSync(at('list.csv'), `pdq,quality\n${reversed},90\n`);
  run('set', 'build', at('wrong.kset'), '--from', at('list.csv'), '--meaning', 'alert');
  assert.equal(lookup(at('wrong.kset'), hashes['512nn'].hash).found, false);
  run('set', 'build', at('right.kset'), '--from', at('list.csv'), '--meaning', 'alert', '--pdq-reverse-words', '--pdq-dialect', '512nn');
  const found = lookup(at('right.kset'), hashes['512nn'].hash);
  assert.deepEqual(found.rows.map(({ distance, dialect }) => [distance, dialect]), [[0, '512nn']]);
  assert.match(run('set', 'lookup', at('right.kset'), '--pdq', hashes['512nn'].hash), /0 bits from .*picture, .*dialect 512nn, no digest stated/);
});

test('wrong use is told: a radius or a hash that is none, a set without hashes, frames left out too freely', () => {
  writeFileSync(at('digests.txt'), `${'ab'.repeat(20)}\n`);
  run('set', 'build', at('digests.kset'), '--from', at('digests.txt'), '--meaning', 'alert');
  const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['set', 'lookup', at('tip.kset'), '--pdq', 'abc'], /64 hex digits/],
    [['set', 'lookup', at('tip.kset'), '--pdq', hashes.full.hash, '--radius', '32'], /0 to 31/],
    [['set', 'lookup', at('tip.kset'), '--radius', '3'], /goes with --pdq/],
    [['set', 'lookup', at('tip.kset')], /missing/],
    [['set', 'lookup', at('digests.kset'), '--pdq', hashes.full.hash], /holds no PDQ hashes/],
    [['set', 'build', at('x.kset'), '--from-folder', at('tip'), '--meaning', 'alert', '--pdq-prune', '11'], /0 to 10/],
    [['set', 'build', at('x.kset'), '--from', at('list.csv'), '--meaning', 'alert', '--pdq-dialect', 'half'], /dialect/],
    [['set', 'build', at('x.kset'), '--from-folder', at('nowhere'), '--meaning', 'alert'], /nowhere/],
  ];
  for (const [args, says] of wrong) {
    const { status, stderr } = kerbside([...args]);
    assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, says);
  }
});
