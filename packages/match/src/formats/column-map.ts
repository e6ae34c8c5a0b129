import type { DigestAlgorithm } from '../known-set.ts';

/** What a column can hold; `hash` is a digest whose kind shows in its length. */
export type ColumnRole = DigestAlgorithm | 'hash' | 'size' | 'category' | 'pdq' | 'quality' | 'dialect' | 'media-id' | 'series';

/** Which column of a CSV holds what, by header name (compared without case, spaces, `-`, `_` and dots). */
export type ColumnMap = Readonly<Partial<Record<ColumnRole, string>>>;

/** Header names recognised without a map, as normalised by {@link normaliseColumnName}. */
const KNOWN_NAMES: Readonly<Record<ColumnRole, readonly string[]>> = {
  md5: ['md5', 'md5hash', 'hashmd5', 'md5sum', 'md5digest', 'md5value'],
  sha1: ['sha1', 'sha1hash', 'hashsha1', 'sha1sum', 'sha1digest', 'sha1value'],
  sha256: ['sha256', 'sha256hash', 'hashsha256', 'sha256sum', 'sha256digest', 'sha256value'],
  ed2k: ['ed2k', 'ed2khash', 'edonkey', 'edonkeyhash', 'emule', 'hashed2k'],
  hash: ['hash', 'hashvalue', 'digest', 'checksum'],
  size: ['size', 'filesize', 'mediasize', 'sizebytes', 'sizeinbytes', 'filesizebytes', 'length', 'bytes', 'logicalsize'],
  category: ['category', 'cat', 'grade'],
  pdq: ['pdq', 'pdqhash', 'hashpdq', 'pdqvalue'],
  quality: ['pdqquality', 'quality', 'qualitypdq'],
  dialect: ['pdqdialect', 'dialect'],
  'media-id': ['mediaid'],
  series: ['series'],
};

const ROLES = Object.keys(KNOWN_NAMES) as ColumnRole[];

/** Roles that carry a digest, or a hash for near-matches: a list needs one. */
export const DIGEST_ROLES: readonly ColumnRole[] = ['md5', 'sha1', 'sha256', 'ed2k', 'hash', 'pdq'];

/** A column name as it is compared. */
export function normaliseColumnName(name: string): string {
  return name.replace(/[\s_.-]/g, '').toLowerCase();
}

/**
 * The role of each column: by the officer's map where there is one, else by known names. A role is
 * given once, to the first column that fits.
 *
 * @returns roles by column, null where a column is passed over; and names of the map no column has
 */
export function assignColumns(
  names: readonly string[],
  map: ColumnMap | undefined,
): { roles: (ColumnRole | null)[]; missing: string[] } {
  const normalised = names.map(normaliseColumnName);
  const roles: (ColumnRole | null)[] = names.map(() => null);
  const missing: string[] = [];
  for (const role of ROLES) {
    const mapped = map?.[role];
    if (map !== undefined && mapped === undefined) continue;
    const wanted = mapped === undefined ? KNOWN_NAMES[role] : [normaliseColumnName(mapped)];
    const at = normalised.findIndex((name, i) => roles[i] === null && wanted.includes(name));
    if (at >= 0) roles[at] = role;
    else if (mapped !== undefined) missing.push(mapped);
  }
  return { roles, missing };
}
