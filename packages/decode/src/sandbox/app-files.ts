import { InternalError, type JsonValue } from '@kerbside/bytes';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A folder of the application and where the sandbox shows it, read-only. */
export interface AppFolder {
  readonly hostPath: string;
  readonly insidePath: string;
}

/** Where the application lies inside, whatever its place on the host. */
export const APP_ROOT = '/app';
export const WORKER_MAIN = `${APP_ROOT}/packages/decode/src/worker/main.ts`;

const DECODE_FOLDER = realpathSync(join(import.meta.dirname, '../..'));
/** Our own packages that workers import; they are shown beside `packages/decode`, as on the host. */
const OWN_PACKAGES: ReadonlyMap<string, string> = new Map([['@kerbside/bytes', 'packages/bytes']]);

interface Manifest {
  readonly dependencies: readonly string[];
  readonly optional: readonly string[];
}

/**
 * The decode package, our own packages it imports, and the closure of its npm packages, found as Node
 * itself would find them. Nothing else of the application is shown to a decoder.
 *
 * @throws InternalError `decode-package-missing` when a package that is not optional is not installed
 */
export function listAppFolders(): AppFolder[] {
  const folders = new Map<string, AppFolder>([[DECODE_FOLDER, { hostPath: DECODE_FOLDER, insidePath: `${APP_ROOT}/packages/decode` }]]);
  const waiting = [DECODE_FOLDER];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const { dependencies, optional } = readManifest(folder);
    for (const name of [...dependencies, ...optional]) {
      const found = findPackage(folder, name);
      if (found === null && optional.includes(name)) continue;
      if (found === null) throw new InternalError('decode-package-missing', `the npm package ${name} is needed to decode and is not installed: run ./kerbside again to set up`);
      if (folders.has(found)) continue;
      const own = OWN_PACKAGES.get(name);
      // A package inside another package's folder is shown with that folder.
      if (!isInsideOther(found, folders)) folders.set(found, { hostPath: found, insidePath: own === undefined ? `${APP_ROOT}/node_modules/${name}` : `${APP_ROOT}/${own}` });
      waiting.push(found);
    }
  }
  return [...folders.values()];
}

/** Links by which Node finds our own packages inside. */
export function listAppLinks(): { readonly target: string; readonly insidePath: string }[] {
  return [...OWN_PACKAGES].map(([name, place]) => ({ target: `../../${place}`, insidePath: `${APP_ROOT}/node_modules/${name}` }));
}

function findPackage(from: string, name: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) return realpathSync(path);
    if (folder === dirname(folder)) return null;
  }
}

function isInsideOther(path: string, folders: ReadonlyMap<string, AppFolder>): boolean {
  return [...folders.keys()].some((folder) => path.startsWith(`${folder}/`));
}

function readManifest(folder: string): Manifest {
  const manifest: { dependencies?: JsonValue; optionalDependencies?: JsonValue } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { dependencies: namesOf(manifest.dependencies), optional: namesOf(manifest.optionalDependencies) };
}

function namesOf(value: JsonValue | undefined): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
