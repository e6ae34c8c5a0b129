import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { checkSeals, sealOf } from './seal.ts';

const folder = mkdtempSync(join(tmpdir(), 'kerbside-seal-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const isRefusal = (error: unknown): boolean => error instanceof RefusedError && error.code === 'control-volume-altered' && error.message.includes(folder);

it('seals a file by its digest and a folder by names and digests', () => {
  const file = join(folder, 'a');
  writeFileSync(file, Buffer.alloc((1 << 20) + 5, 7));
  assert.equal(sealOf(file), hash('sha256', readFileSync(file)));
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  writeFileSync(join(inner, 'y'), 'two');
  writeFileSync(join(inner, 'x'), 'one');
  assert.equal(sealOf(inner), hash('sha256', `x\0${hash('sha256', 'one')}\ny\0${hash('sha256', 'two')}\n`));
});

it('refuses one changed byte, a missing file, and a folder with a file more, less or renamed', () => {
  const file = join(folder, 'b');
  const inner = join(folder, 'more');
  mkdirSync(inner);
  writeFileSync(file, 'whole');
  writeFileSync(join(inner, 'x'), 'one');
  const seals = new Map([file, inner].map((path) => [path, sealOf(path)]));
  checkSeals(seals, folder);
  const broken = (breakIt: () => void, mend: () => void): void => {
    breakIt();
    assert.throws(() => checkSeals(seals, folder), isRefusal);
    mend();
    checkSeals(seals, folder);
  };
  broken(() => writeFileSync(file, 'Whole'), () => writeFileSync(file, 'whole'));
  broken(() => rmSync(file), () => writeFileSync(file, 'whole'));
  broken(() => writeFileSync(join(inner, 'y'), ''), () => rmSync(join(inner, 'y')));
  broken(() => rmSync(join(inner, 'x')), () => writeFileSync(join(inner, 'x'), 'one'));
  broken(() => { rmSync(join(inner, 'x')); writeFileSync(join(inner, 'z'), 'one'); }, () => { rmSync(join(inner, 'z')); writeFileSync(join(inner, 'x'), 'one'); });
});
