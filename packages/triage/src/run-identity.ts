import { createHash, hash } from 'node:crypto';
import { RefusedError, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import type { OpenedSource } from '@kerbside/evidence';
import type { KnownSet } from '@kerbside/match';
import type { Profile } from './profile.ts';
import type { SurveyTarget } from './survey/parse-until.ts';
import { TOOL_VERSION } from './tool-version.ts';

/** Raised when a change makes another plan or another reading of the same bytes. */
export const PLAN_VERSION = 3;

/** First and last part of a source whose digest tells it from another: enough for partition tables and their copies. */
const EDGE_BYTES = 1024 * 1024;

/** What makes two calls the same run. How long it may take is not part of it. */
export function identityOf(opened: OpenedSource, edgeDigest: string, sets: readonly KnownSet[], profile: Profile, until: SurveyTarget | null, keepsManifest: boolean): string {
  return JSON.stringify({
    tool: TOOL_VERSION,
    plan: PLAN_VERSION,
    profile,
    until,
    keepsManifest,
    source: { kind: opened.facts.kind, sizeBytes: opened.form === 'image' ? opened.facts.sizeBytes : 0, edgeDigest, path: opened.form === 'folder' ? opened.facts.path : '' },
    sets: sets.map(({ facts }) => ({ name: facts.name, meaning: facts.meaning, digest: facts.digest })),
  });
}

/** The first and the last MiB of a source, as they were read. */
export interface Edges {
  /** SHA-256 over both, hex; empty for a folder. */
  readonly digest: string;
  /** Each with a SHA-256 of its own, hex. */
  readonly parts: readonly (ByteRange & { readonly digest: string; readonly isWhole: boolean })[];
}

export const NO_EDGES: Edges = { digest: '', parts: [] };

/** Reads the first and the last MiB; bytes that cannot be read count as zeros. */
export function readEdges(source: RandomAccessSource): Edges {
  const digest = createHash('sha256');
  const length = Math.min(EDGE_BYTES, source.sizeBytes);
  const bytes = Buffer.alloc(length);
  const parts = [0, source.sizeBytes - length].map((offset) => {
    const isWhole = source.readInto(bytes, offset).length === 0;
    digest.update(bytes);
    return { offset, length, digest: hash('sha256', bytes, 'hex'), isWhole };
  });
  return { digest: digest.digest('hex'), parts };
}

/** One set given twice would list each of its hits twice. */
export function refuseTwice(sets: readonly KnownSet[]): void {
  for (const [index, { facts }] of sets.entries()) {
    const earlier = sets.slice(0, index).find((set) => set.facts.digest === facts.digest && set.facts.name === facts.name && set.facts.meaning === facts.meaning);
    if (earlier !== undefined) throw new RefusedError('set-given-twice', `${facts.path} is the same set as ${earlier.facts.path}: give it once.`);
  }
}
