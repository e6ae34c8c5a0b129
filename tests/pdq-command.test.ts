/*
 * `kerbside pdq` through the real command and the real sandbox.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { makePhotograph } from '@kerbside/corpus';
import { hashRaster, hashToText, ORIENTATIONS } from '@kerbside/decode';
import sharp from 'sharp';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { makeFolder } from './support/run-kerbside.ts';

const [WIDTH, HEIGHT] = [900, 600] as const;
const folder = makeFolder();
after(() => folder[Symbol.dispose]());
const at = (name: string): string => join(folder.path, name);

const pixels = makePhotograph(77, WIDTH, HEIGHT).pixels;
const picture = sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
await picture.clone().png().toFile(at('scene.png'));
await picture.clone().jpeg({ quality: 90 }).toFile(at('scene.jpg'));
writeFileSync(at('notes.jpg'), 'The league table, no picture.');
const exact = hashRaster({ width: WIDTH, height: HEIGHT, channels: 3, data: pixels }, { orientations: true });

test('prints hash, quality and name, in the dialect asked for', () => {
  const usual = kerbside(['pdq', at('scene.png')]);
  assert.deepEqual([usual.status, usual.stdout, usual.stderr], [0, `${hashToText(exact.dialects['512nn'].hash)},100,${at('scene.png')}\n`, '']);
  const full = kerbside(['pdq', at('scene.png'), '--dialect', 'full']);
  assert.equal(full.stdout, `${hashToText(exact.dialects.full.hash)},100,${at('scene.png')}\n`);
});

test('prints eight lines with --all-orientations', () => {
  const { stdout, status } = kerbside(['pdq', '--all-orientations', at('scene.png')]);
  assert.equal(status, 0);
  assert.deepEqual(stdout.trim().split('\n'), ORIENTATIONS.map((one) => `${hashToText(exact.orientations![one]['512nn'].hash)},100,${at('scene.png')},${one}`));
});

test('goes on past what cannot be hashed, says why, and ends with 20', () => {
  const { status, stdout, stderr } = kerbside(['pdq', at('none.jpg'), at('scene.png'), at('notes.jpg'), folder.path, at('scene.jpg')]);
  assert.equal(status, 20, stderr);
  assert.deepEqual(stdout.trim().split('\n').map((line) => line.split(',')[2]), [at('scene.png'), at('scene.jpg')]);
  for (const words of [/none\.jpg: There is no such file\.\s+\(picture-unreadable\)/, /notes\.jpg: The picture cannot be decoded: .*\(picture-undecodable\)/s, /It is not a file/]) assert.match(stderr, words);
});

test('tells everything as JSON, the fast mode and failures too', () => {
  const { stdout } = kerbside(['pdq', '--json', '--fast', at('scene.jpg'), at('scene.png'), at('none.jpg')]);
  const [jpeg, png, none] = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual([jpeg!['mode'], jpeg!['width'], jpeg!['height'], jpeg!['damaged']], ['fast', WIDTH, HEIGHT, false]);
  assert.deepEqual(png, {
    file: at('scene.png'),
    width: WIDTH,
    height: HEIGHT,
    mode: 'exact',
    damaged: false,
    lowTrust: false,
    pdq: {
      '512nn': { hash: hashToText(exact.dialects['512nn'].hash), quality: 100, comparable: true },
      full: { hash: hashToText(exact.dialects.full.hash), quality: 100, comparable: true },
    },
  });
  assert.equal((none!['problem'] as { code: string }).code, 'picture-unreadable');
});

test('refuses wrong use', () => {
  for (const [argv, words] of [[['pdq'], /Something is missing/], [['pdq', at('scene.png'), '--dialect', 'half'], /no dialect "half"/]] as const) {
    const { status, stderr } = kerbside(argv);
    assert.equal(status, 2);
    assert.match(stderr, words);
  }
});
