import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { makeDemoDevice } from './make-demo-device.ts';

const folder = mkdtempSync(join(tmpdir(), 'corpus-device-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const isMissing = spawnSync('which', ['fls']).status !== 0;
if (isMissing && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error('fls missing');

it('makes a device whose list names what lies on it', () => {
  const device = makeDemoDevice({ folder, seed: 3, scale: 0.02 });
  assert.ok(device.expected.files > 80 && device.expected.hits.length > 3, JSON.stringify(device.expected));
  const list = JSON.parse(readFileSync(device.listPaths.vics, 'utf8')) as { value: { SHA1: string; MediaSize: number; Category: number }[] };
  const listed = new Set(list.value.map((media) => media.SHA1.toLowerCase()));
  for (const hit of device.expected.hits) assert.ok(listed.has(hit.sha1), hit.path);
  assert.ok(list.value.every((media) => media.MediaSize > 0 && [1, 2, 3].includes(media.Category)));
  assert.equal(readFileSync(device.listPaths.md5, 'utf8').trimEnd().split('\n').length, list.value.length);
});

it('makes content that The Sleuth Kit gives back', { skip: isMissing ? 'fls not installed (sleuthkit)' : false }, () => {
  const device = makeDemoDevice({ folder, seed: 4, scale: 0.02 });
  const starts = [...execFileSync('mmls', ['-a', device.imagePath], { encoding: 'utf8' }).matchAll(/^\d+:\s+\d+:\d+\s+(\d+)/gm)].map((row) => Number(row[1]));
  assert.equal(starts.length, 4);
  for (const hit of device.expected.hits) {
    const [volume, path] = [Number(hit.path[1]), hit.path.slice(3)];
    const offset = String(starts[volume - 1]);
    const listing = execFileSync('fls', ['-r', '-p', '-o', offset, device.imagePath], { encoding: 'utf8' });
    const line = listing.split('\n').find((row) => row.endsWith(`\t${path.replace('?', '_')}`));
    const inode = /([\d-]+)(?:\(realloc\))?:\t/.exec(line ?? '')?.[1];
    assert.ok(inode !== undefined, `${hit.path} is listed`);
    // Option -r asks for the content of a deleted file.
    const content = execFileSync('icat', ['-r', '-o', offset, device.imagePath, inode], { maxBuffer: 1 << 28 });
    assert.equal(createHash('sha1').update(content).digest('hex'), hit.sha1, hit.path);
  }
});
