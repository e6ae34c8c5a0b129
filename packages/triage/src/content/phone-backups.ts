import { FORM, STATUS, type Catalogue } from '../catalogue.ts';
import type { BesideFiles } from './beside-files.ts';

/** Names of a phone backup's own files (iTunes, Finder). */
const PLIST = 'Manifest.plist';
const OWN_FILES: ReadonlySet<string> = new Set([PLIST, 'Manifest.db', 'Manifest.db-wal', 'Manifest.mbdb', 'Info.plist', 'Status.plist']);

/** Content lies in folders of two hexadecimal digits, in files named by the SHA-1 of domain and path; in old backups without such folders. */
const SHARD = /^[0-9a-f]{2}$/;
const CONTENT_NAME = /^[0-9a-f]{40}$/;

/** Whether a path in a backup's folder is that of a file that the backup may be made of. */
export function isBackupFile(relativePath: string): boolean {
  const at = relativePath.indexOf('/');
  return at < 0 ? OWN_FILES.has(relativePath) || CONTENT_NAME.test(relativePath) : SHARD.test(relativePath.slice(0, at)) && CONTENT_NAME.test(relativePath.slice(at + 1));
}

/** Finds phone backups: by the ordinal of their `Manifest.plist`, the files that belong to each. */
export function findPhoneBackups(catalogue: Catalogue): ReadonlyMap<number, BesideFiles> {
  const manifests = new Map<string, number>();
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) if (catalogue.name(ordinal) === PLIST && isWholeFile(catalogue, ordinal)) manifests.set(catalogue.folderPath(catalogue.folder(ordinal)), ordinal);
  const found = new Map<number, BesideFiles>();
  if (manifests.size === 0) return found;
  const files = new Map<number, { readonly ordinals: number[]; readonly names: string[] }>();
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    if (!isWholeFile(catalogue, ordinal)) continue;
    const name = catalogue.name(ordinal);
    if (!OWN_FILES.has(name) && !CONTENT_NAME.test(name)) continue;
    const folder = catalogue.folderPath(catalogue.folder(ordinal));
    const last = folder.slice(folder.lastIndexOf('/') + 1);
    const isSharded = SHARD.test(last) && CONTENT_NAME.test(name);
    const manifest = manifests.get(isSharded ? folder.slice(0, Math.max(0, folder.length - 3)) : folder);
    if (manifest === undefined) continue;
    const own = files.get(manifest) ?? { ordinals: [], names: [] };
    files.set(manifest, own);
    own.ordinals.push(ordinal);
    own.names.push(isSharded ? `${last}/${name}` : name);
  }
  for (const [manifest, { ordinals, names }] of files) {
    if (names.includes('Manifest.db') || names.includes('Manifest.mbdb')) found.set(manifest, { ordinals: Uint32Array.from(ordinals), names });
  }
  return found;
}

/** Live files with a place of their own; two of one name, of which one is deleted, must not be taken for each other. */
export function isWholeFile(catalogue: Catalogue, ordinal: number): boolean {
  const form = catalogue.form(ordinal);
  return catalogue.state(ordinal) === 'allocated' && (form === FORM.extents || form === FORM.hostFile) && catalogue.status(ordinal) !== STATUS.directory && catalogue.sizeBytes(ordinal) > 0;
}
