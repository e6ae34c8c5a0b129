import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { makeMedia, MEDIA_KINDS, type MediaOptions } from './make-media.ts';

const SIZE = { seed: 3, widthPx: 160, heightPx: 120 };

test('the same options give the same bytes, and other seeds others', () => {
  for (const kind of MEDIA_KINDS) {
    const media = makeMedia({ kind, ...SIZE });
    assert.ok(media.equals(makeMedia({ kind, ...SIZE })), kind);
    assert.ok(!media.equals(makeMedia({ kind, ...SIZE, seed: 4 })), kind);
  }
});

/** Runs a program over a file of the media; null when it is not installed: none of them is needed for anything else. */
function judge(options: MediaOptions, argv: readonly string[]): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-media-'));
  try {
    const path = join(folder, `made.${options.kind}`);
    writeFileSync(path, makeMedia(options));
    const run = spawnSync(argv[0]!, [...argv.slice(1), path], { encoding: 'utf8' });
    return run.error === undefined ? `${run.stdout}${run.stderr}`.trim() : null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('real decoders read the movies, every frame of them', (t) => {
  const ffprobe = ['ffprobe', '-v', 'error', '-count_frames', '-show_entries', 'stream=codec_name,width,height,nb_read_frames', '-of', 'csv'];
  const variants: readonly MediaOptions[] = [
    ...(['avi', 'opendml', 'mp4', 'mov'] as const).map((kind) => ({ kind, ...SIZE })),
    { kind: 'mp4', ...SIZE, mediaLength: 'open' },
    { kind: 'mp4', ...SIZE, mediaFirst: true, mediaLength: 'long' },
    { kind: 'mov', ...SIZE, mediaFirst: false, mediaLength: 'short' },
  ];
  for (const options of variants) {
    const answer = judge(options, ffprobe);
    if (answer === null) return t.skip('ffprobe (Debian package ffmpeg) is not installed');
    assert.equal(answer, 'stream,mjpeg,160,120,5', JSON.stringify(options));
  }
});

test('a real decoder finds no fault in the WebP', (t) => {
  const answer = judge({ kind: 'webp', ...SIZE }, ['webpinfo']);
  if (answer === null) return t.skip('webpinfo (Debian package webp) is not installed');
  assert.match(answer, /Width: 160\n\s*Height: 120[\s\S]*No error detected/);
});
