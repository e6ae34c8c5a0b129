import type { ItemState } from '@kerbside/evidence';
import type { SetMeaning } from '@kerbside/match';

/**
 * A picture or video frame whose perceptual hash lies near one of a set. It says that they look alike, not that they
 * are the same: shown apart from hits, and never "known material found" until an officer has confirmed it.
 */
export interface NearHit {
  readonly path: string;
  /** Of the item that holds it. */
  readonly size: number;
  readonly state: ItemState;
  readonly id: string;
  readonly set: string;
  readonly meaning: SetMeaning;
  readonly category: string;
  readonly categoryBasis: string;
  /** Bits that differ, of 256. */
  readonly distance: number;
  readonly dialect: '512nn' | 'full';
  /** Turn or mirror under which it was found; `original` as it lies. */
  readonly orientation: string;
  readonly of: 'picture' | 'thumbnail' | 'preview' | 'video-frame';
  /** Of a frame: its time in the video, seconds. */
  readonly seconds: number | null;
  readonly quality: number;
  readonly hash: string;
  /** Strongest digest of the known file, `sha1:…`, and its id and series as the set's source writes them. */
  readonly setDigest: string | null;
  readonly mediaId: string | null;
  readonly series: string | null;
  readonly video: { readonly framesMatched: number; readonly framesCompared: number; readonly isLead: boolean } | null;
  /** Rows of the set that are near too and are not listed. */
  readonly others: number;
}

/** Nearest first, then by path: bytewise, so that no locale can change it. */
export function compareNearHits(a: NearHit, b: NearHit): number {
  return a.distance - b.distance || compareText(a.path, b.path) || compareText(a.set, b.set) || compareText(a.of, b.of) || (a.seconds ?? 0) - (b.seconds ?? 0);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
