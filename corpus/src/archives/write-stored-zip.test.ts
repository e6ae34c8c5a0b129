import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { generatedBytes } from '../documents/generated-bytes.ts';
import { writeStoredZip, type ZipMember } from './write-stored-zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'corpus-zip-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function noise(seed: number, sizeBytes: number): Buffer {
  return Buffer.concat([...generatedBytes(seed, sizeBytes).chunks()]);
}

const MEMBERS: ZipMember[] = [
  { name: 'notes.txt', content: Buffer.from('The ball is round.\n') },
  { name: 'pictures/a.jpg', content: noise(1, 50_000) },
  { name: 'b.jpg', content: noise(2, 8192) },
];

it('puts every content on its boundary, and Python reads it back', { skip: spawnSync('which', ['python3']).status !== 0 ? 'python3 not installed' : false }, () => {
  for (const alignBytes of [1, 512, 4096]) {
    const zip = writeStoredZip(MEMBERS, alignBytes);
    for (const { content } of MEMBERS) assert.equal(zip.indexOf(content) % alignBytes, 0);
    const path = join(folder, `${alignBytes}.zip`);
    writeFileSync(path, zip);
    execFileSync('python3', ['-c', 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])', path, join(folder, String(alignBytes))]);
    for (const { name, content } of MEMBERS) assert.ok(readFileSync(join(folder, String(alignBytes), name)).equals(content), name);
  }
});
