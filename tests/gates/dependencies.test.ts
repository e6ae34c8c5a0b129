import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { REPOSITORY } from './source-files.ts';

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly integrity?: string; readonly hasInstallScript?: boolean; readonly link?: boolean }>>;
}

/** Its script downloads GPU libraries; the launcher installs with `--ignore-scripts`, and the package holds all that the CPU needs. */
const SCRIPT_NEVER_RUN = ['node_modules/onnxruntime-node'];

/** What is wrong with a lockfile: install scripts, download addresses, entries without a hash. */
function findLockfileFaults(lockfile: Lockfile): string[] {
  const faults: string[] = [];
  for (const [path, entry] of Object.entries(lockfile.packages)) {
    if (!path.startsWith('node_modules/') || entry.link === true) continue;
    if (entry.hasInstallScript === true && !SCRIPT_NEVER_RUN.includes(path)) faults.push(`${path} runs a script when it is installed`);
    if (entry.resolved?.startsWith('http') === true) faults.push(`${path} names a download address`);
    if (entry.integrity === undefined) faults.push(`${path} has no hash`);
  }
  return faults;
}

test('no dependency runs an install script, every one is pinned by its hash, no address is committed', () => {
  const lockfile = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as Lockfile;
  assert.ok(Object.keys(lockfile.packages).length > 10, 'the lockfile is nearly empty');
  assert.deepEqual(findLockfileFaults(lockfile), []);
});

test('the launcher runs no install script at all', () => {
  const lines = readFileSync(join(REPOSITORY, 'kerbside'), 'utf8').split('\n').filter((line) => /\bnpm (ci|install)\b/.test(line) && !line.includes('say '));
  assert.ok(lines.length > 0);
  for (const line of lines) assert.match(line, /npm ci --ignore-scripts /);
});

test('planted faults: an install script, an address and a missing hash are each found', () => {
  const planted: Lockfile = {
    packages: {
      'node_modules/a': { integrity: 'sha512-x', hasInstallScript: true },
      'node_modules/b': { integrity: 'sha512-x', resolved: 'https://example.invalid/b.tgz' },
      'node_modules/c': {},
      'packages/bytes': {},
    },
  };
  assert.equal(findLockfileFaults(planted).length, 3);
});

test('every direct dependency has its reason in docs/reference/dependencies.md, with an exact version', () => {
  const reasons = readFileSync(join(REPOSITORY, 'docs/reference/dependencies.md'), 'utf8');
  const manifests = ['package.json', ...globSync('packages/*/package.json', { cwd: REPOSITORY }), 'corpus/package.json'];
  let seen = 0;
  for (const manifest of manifests) {
    const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(REPOSITORY, manifest), 'utf8')) as Record<string, Record<string, string>>;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
      if (name.startsWith('@kerbside/')) continue;
      seen += 1;
      assert.match(version, /^\d+\.\d+\.\d+$/, `${name} in ${manifest} is not pinned`);
      assert.ok(reasons.includes(`\`${name}\``), `${name} has no reason`);
    }
  }
  assert.ok(seen >= 5);
});
