import { displayName } from '../display-name.ts';
import type { EvidenceName, NameEncoding } from '../evidence-name.ts';
import type { ItemTimes } from '../item.ts';

const SLASH = 0x2f;

export const NO_TIMES: ItemTimes = Object.freeze({ created: null, modified: null, accessed: null, changed: null });

/**
 * The components of a stored path, slash by slash, as they are: `..` stays a name, and so do drive letters and
 * device names. Only empty components (a leading, doubled or trailing slash) are left out; a path of nothing
 * else is one empty name.
 */
export function splitPath(bytes: Uint8Array, encoding: NameEncoding, maxParts: number): EvidenceName[] {
  const names: EvidenceName[] = [];
  let start = 0;
  for (let at = bytes.indexOf(SLASH); names.length < maxParts - 1; at = bytes.indexOf(SLASH, start)) {
    const end = at < 0 ? bytes.length : at;
    if (end > start) names.push({ bytes: bytes.subarray(start, end), encoding });
    start = end + 1;
    if (at < 0) break;
  }
  // A path of more parts than the limit keeps the rest, slashes and all, as its last name: nothing is lost.
  if (start < bytes.length) names.push({ bytes: bytes.subarray(start), encoding });
  if (names.length === 0) names.push({ bytes: new Uint8Array(0), encoding });
  return names;
}

/** A name of this program's own, for content that has none. */
export function givenName(text: string): EvidenceName {
  return { bytes: Buffer.from(text, 'latin1'), encoding: 'given' };
}

/** The display path of a member inside its container. */
export function memberPath(names: readonly EvidenceName[]): string {
  return names.map(displayName).join('/');
}

/** Longest path that a problem's text repeats. */
const MAX_TOLD_CHARACTERS = 200;

export function shortPath(names: readonly EvidenceName[]): string {
  const path = memberPath(names);
  return path.length <= MAX_TOLD_CHARACTERS ? path : `${path.slice(0, MAX_TOLD_CHARACTERS)}…`;
}
