import { DIALECTS, type VideoFrame } from '@kerbside/decode';
import { findVideoLeads, pdqWords, type FrameMatch, type NearIndex, type QueryFrame, type VideoLead } from '@kerbside/match';
import type { NearFound } from './content-job.ts';

/** A known video or picture: a content of a set. */
interface Nearest {
  readonly set: number;
  readonly row: number;
  readonly distance: number;
  readonly dialect: '512nn' | 'full';
  readonly frame: VideoFrame;
}

/** Frames of a video and what they are near. */
export interface LookedUpVideo {
  readonly leads: readonly VideoLead[];
  readonly near: readonly Omit<NearFound, 'member'>[];
}

/**
 * Looks the frames of a video up and applies the rule for leads.
 * @param contentOf number of the content, in its set, that a row belongs to, and the row's time in it
 */
export function lookUpVideo(index: NearIndex, frames: readonly VideoFrame[], radius: number, contentOf: (set: number, row: number) => { readonly content: number; readonly seconds: number | null }): LookedUpVideo {
  const nearest = new Map<string, Nearest>();
  const queried = frames.map((frame): QueryFrame => {
    const hashes = DIALECTS.map((dialect) => ({ dialect, orientation: 0, words: pdqWords(frame.hashes[dialect].hash), quality: frame.hashes[dialect].quality }));
    const matches = index.queryPicture(hashes, radius).matches.map((match): FrameMatch => {
      const { content, seconds } = contentOf(match.set, match.row);
      const owner = `${match.set} ${content}`;
      const before = nearest.get(owner);
      if (before === undefined || match.distance < before.distance) nearest.set(owner, { set: match.set, row: match.row, distance: match.distance, dialect: match.queryDialect, frame });
      return { owner, distanceBits: match.distance, knownSeconds: seconds };
    });
    return { seconds: frame.seconds, quality: frame.quality, hash: frame.hashes['512nn'].hash, matches };
  });
  const leads = findVideoLeads(queried, () => null);
  return { leads, near: nearestOfSets(leads, nearest) };
}

/** One near-match a set: its first lead, and how many more there are. */
function nearestOfSets(leads: readonly VideoLead[], nearest: ReadonlyMap<string, Nearest>): Omit<NearFound, 'member'>[] {
  return [...Map.groupBy(leads, ({ owner }) => nearest.get(owner)!.set)].map(([set, group]) => {
    const [first] = group as [VideoLead, ...VideoLead[]];
    const { row, distance, dialect, frame } = nearest.get(first.owner)!;
    const own = frame.hashes[dialect];
    return {
      set,
      row,
      distance,
      dialect,
      orientation: 'original',
      of: 'video-frame',
      seconds: frame.seconds,
      quality: own.quality,
      hash: Buffer.from(own.hash).toString('hex'),
      video: { framesMatched: first.queryFrames, framesCompared: first.queryFramesAll, isLead: true },
      others: group.length - 1,
    };
  });
}
