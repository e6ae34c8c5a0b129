import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { ensureUnitKeys, readUnitKeys } from './ensure-unit-keys.ts';
import { makeTestFolder } from './test-folder.ts';
import { signerId } from './unit-keys.ts';

function refusedAs(code: string): (error: unknown) => boolean {
  return (error) => error instanceof RefusedError && error.code === code;
}

test('keys are made on first need, for the owner alone, and stay', () => {
  using folder = makeTestFolder();
  const home = folder.at('a/b/home');
  assert.equal(readUnitKeys(home), null);
  const made = ensureUnitKeys(home, 'Unit A');
  assert.equal(statSync(home).mode & 0o777, 0o700);
  assert.equal(statSync(join(home, 'unit.key')).mode & 0o777, 0o600);
  const again = ensureUnitKeys(home, 'Unit B');
  assert.equal(again.owner, 'Unit A');
  assert.equal(signerId(again.publicKey), signerId(made.publicKey));
  assert.equal(signerId(readUnitKeys(home)!.publicKey), signerId(made.publicKey));
});

test('without an owner they bear the machine’s name', () => {
  using folder = makeTestFolder();
  assert.match(ensureUnitKeys(folder.at('home')).owner, /^unnamed unit \(.+\)$/);
});

test('damaged keys are refused and never replaced', () => {
  using folder = makeTestFolder();
  const home = folder.at('home');
  ensureUnitKeys(home, 'Unit A');
  writeFileSync(join(home, 'unit.key'), 'x');
  assert.throws(() => ensureUnitKeys(home), refusedAs('key-file-not-keys'));
  assert.equal(readFileSync(join(home, 'unit.key'), 'utf8'), 'x');
});

test('a home folder that others may write to is refused with the command that helps', () => {
  using folder = makeTestFolder();
  const home = folder.at('home');
  mkdirSync(home);
  chmodSync(home, 0o777);
  assert.throws(() => ensureUnitKeys(home), (error) => refusedAs('home-folder-open-to-others')(error) && (error as Error).message.includes(`chmod 700 '${home}'`));
  assert.deepEqual(readdirSync(home), []);
});

test('a home folder that cannot be made is refused', () => {
  using folder = makeTestFolder();
  writeFileSync(folder.at('file'), '');
  assert.throws(() => ensureUnitKeys(folder.at('file/home')), refusedAs('home-folder-not-writable'));
});

test('programs that start at once all get the same keys', async () => {
  using folder = makeTestFolder();
  const module = join(import.meta.dirname, 'index.ts');
  const script = (home: string, gate: string): string => `
    import { existsSync } from 'node:fs';
    import { ensureUnitKeys, signerId } from ${JSON.stringify(module)};
    process.stdout.write('ready\\n');
    while (!existsSync(${JSON.stringify(gate)}));
    process.stdout.write(signerId(ensureUnitKeys(${JSON.stringify(home)}, 'Unit ' + process.pid).publicKey));`;
  for (let round = 0; round < 5; round++) {
    const home = folder.at(`home-${round}`);
    const gate = folder.at(`gate-${round}`);
    const racers = Array.from({ length: 4 }, () => spawn(process.execPath, ['--input-type=module', '--eval', script(home, gate)], { stdio: ['ignore', 'pipe', 'inherit'] }));
    const outputs = racers.map((racer) => {
      let text = '';
      racer.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      return () => text;
    });
    const ends = racers.map((racer) => once(racer, 'close'));
    while (!outputs.every((output) => output().includes('ready\n'))) await new Promise((resolve) => setTimeout(resolve, 5));
    writeFileSync(gate, '');
    for (const [code] of await Promise.all(ends)) assert.equal(code, 0);
    const ids = new Set(outputs.map((output) => output().split('\n')[1]));
    assert.equal(ids.size, 1, [...ids].join(' '));
    assert.deepEqual(readdirSync(home), ['unit.key']);
    assert.equal([...ids][0], signerId(readUnitKeys(home)!.publicKey));
  }
});
