import type { Catalogue } from '../catalogue.ts';
import type { NearHit } from './near-hit.ts';
import type { SeenRecord } from './content-journal.ts';
import type { ReportHit } from '../report-types.ts';
import { rankMedia } from '../ranking/rank-media.ts';
import { reportRanking, type ReportRanking } from '../ranking/report-ranking.ts';
import type { SearchContext } from '../ranking/search-context.ts';
import type { MediaStanding, SeenMedia } from '../ranking/seen-media.ts';

export interface RankSeenInput {
  readonly catalogue: Catalogue;
  /** In order of item and member. */
  readonly media: Iterable<SeenRecord>;
  readonly hits: readonly Pick<ReportHit, 'path' | 'meaning'>[];
  readonly nearHits: readonly NearHit[];
  readonly context: SearchContext;
  /** Makes the sample of the low band: the same for the same source. */
  readonly seed: string;
}

/** Ranks what was decoded and is in no set, for review. */
export function rankSeen({ catalogue, media, hits, nearHits, context, seed }: RankSeenInput): ReportRanking {
  const standings = new Map<string, MediaStanding>();
  for (const { path } of nearHits) standings.set(path, 'similar');
  for (const { path, meaning } of hits) if (meaning === 'ignorable' && !standings.has(path)) standings.set(path, 'ignorable');
  for (const { path, meaning } of hits) if (meaning === 'alert') standings.set(path, 'known');
  return reportRanking(rankMedia(seenMedia(catalogue, media, standings), context), seed);
}

function* seenMedia(catalogue: Catalogue, media: Iterable<SeenRecord>, standings: ReadonlyMap<string, MediaStanding>): Generator<SeenMedia> {
  const noMedia = foldersWithNoMedia(catalogue);
  let number = 0;
  for (const { ordinal, facts } of media) {
    const itemPath = catalogue.path(ordinal);
    const path = facts.member === '' ? itemPath : `${itemPath}/${facts.member}`;
    yield {
      // Members have no number of their own in the run: places in the journal's order do as well.
      ordinal: number++,
      path,
      folder: path.slice(0, Math.max(0, path.lastIndexOf('/'))),
      kind: facts.kind,
      standing: standings.get(path) ?? 'unseen',
      state: catalogue.state(ordinal),
      sizeBytes: facts.sizeBytes,
      widthPx: facts.width === 0 ? null : facts.width,
      heightPx: facts.height === 0 ? null : facts.height,
      format: facts.format,
      capturedAtMs: facts.takenAt === null ? null : captureMs(facts.takenAt),
      gps: facts.latitude === null || facts.longitude === null ? null : { latitude: facts.latitude, longitude: facts.longitude },
      make: facts.make,
      model: facts.model,
      serial: facts.serial,
      software: facts.software,
      // The catalogue keeps no attributes.
      hiddenAttribute: null,
      underNoMedia: noMedia.size === 0 ? false : isUnder(noMedia, itemPath),
      pdq: facts.hash === null ? null : { hash: Buffer.from(facts.hash, 'hex'), quality: facts.quality },
      faces: facts.faces,
      scores: facts.scores,
    };
  }
}

/** Folders that hold a `.nomedia`, which keeps what is below them out of galleries. */
function foldersWithNoMedia(catalogue: Catalogue): ReadonlySet<string> {
  const folders = new Set<string>();
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) if (catalogue.name(ordinal) === '.nomedia') folders.add(catalogue.folderPath(catalogue.folder(ordinal)));
  return folders;
}

function isUnder(folders: ReadonlySet<string>, path: string): boolean {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) if (folders.has(path.slice(0, at))) return true;
  return folders.has('');
}

/** The camera's own clock read as UTC, whatever its zone: neighbours in time stay neighbours. */
function captureMs(takenAt: string): number | null {
  const ms = Date.parse(`${takenAt.slice(0, 19)}Z`);
  return Number.isNaN(ms) ? null : ms;
}
