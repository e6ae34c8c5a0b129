import { isThumbdataName, QUICK_LOOK_FILES } from '@kerbside/evidence';
import type { Catalogue } from '../catalogue.ts';
import type { BesideFiles } from './beside-files.ts';
import { findPhoneBackups, isWholeFile } from './phone-backups.ts';

/*
 * Some things cannot be told by their first bytes: a store of thumbnails that begins with a deleted one, a program with an
 * archive behind it, and what lies in several files side by side. Their names say what to try.
 */

/** What an item is by its name. */
export interface NamedContent {
  readonly kind: NamedKind;
  /** The files that it is read with, itself among them; null for one that is read alone. */
  readonly beside: BesideFiles | null;
}

export type NamedKind = 'backup/ios' | 'thumbnails/quicklook' | 'thumbnails/quicklook-data' | 'thumbnails/thumbdata' | 'thumbnails/ithmb' | 'archive/zip';

/** Programs that unpack themselves; looked at only where everything is, as each costs a read at its end. */
const PROGRAM_NAME = /\.(exe|sfx)$/i;

/** Finds what is told by name, by ordinal. @param withPrograms whether programs are looked at for an archive at their end */
export function findNamedContent(catalogue: Catalogue, withPrograms: boolean): ReadonlyMap<number, NamedContent> {
  const found = new Map<number, NamedContent>();
  const indexes = new Map<string, Map<string, number>>();
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    const name = catalogue.name(ordinal);
    const kind = kindByName(name, withPrograms);
    if (kind !== null) found.set(ordinal, { kind, beside: null });
    if (QUICK_LOOK_NAMES.has(name) && isWholeFile(catalogue, ordinal)) {
      const folder = catalogue.folderPath(catalogue.folder(ordinal));
      const files = indexes.get(folder) ?? new Map<string, number>();
      indexes.set(folder, files);
      files.set(name, ordinal);
    }
  }
  for (const files of indexes.values()) {
    const [index, data] = [files.get(QUICK_LOOK_FILES.index), files.get(QUICK_LOOK_FILES.data)];
    if (index === undefined || data === undefined) continue;
    found.set(index, { kind: 'thumbnails/quicklook', beside: { ordinals: Uint32Array.from(files.values()), names: [...files.keys()] } });
    // Read with its index, and not told once more.
    found.delete(data);
  }
  for (const [manifest, beside] of findPhoneBackups(catalogue)) found.set(manifest, { kind: 'backup/ios', beside });
  return found;
}

const QUICK_LOOK_NAMES: ReadonlySet<string> = new Set(Object.values(QUICK_LOOK_FILES));

function kindByName(name: string, withPrograms: boolean): NamedKind | null {
  if (isThumbdataName(name)) return 'thumbnails/thumbdata';
  if (name.toLowerCase().endsWith('.ithmb')) return 'thumbnails/ithmb';
  if (name === QUICK_LOOK_FILES.data) return 'thumbnails/quicklook-data';
  return withPrograms && PROGRAM_NAME.test(name) ? 'archive/zip' : null;
}
