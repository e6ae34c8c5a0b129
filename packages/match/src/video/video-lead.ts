/** A near-match of one frame: a row of a set, and where in the known video it stands. */
export interface FrameMatch {
  /** Which known video or picture. */
  readonly owner: string;
  readonly distanceBits: number;
  /** Seconds in the known video; null when the row has no time (a still picture, or a list that states none). */
  readonly knownSeconds: number | null;
}

/** One frame of the video on the device, with what the index found for it. */
export interface QueryFrame {
  readonly seconds: number;
  /** 0 to 100. */
  readonly quality: number;
  /** The hash that was looked up: frames of one hash are one frame to the rule. */
  readonly hash: Uint8Array;
  readonly matches: readonly FrameMatch[];
}

/** A known video that a video on the device resembles. */
export interface VideoLead {
  readonly owner: string;
  /** Which half of the rule: two distinct frames within the radius, or one that is nearly the same. */
  readonly rule: 'two-frames' | 'one-near-frame';
  readonly nearestBits: number;
  /** Distinct frames of the device's video within the radius of the owner. */
  readonly queryFrames: number;
  /** Distinct frames of good quality in the device's video. */
  readonly queryFramesAll: number;
  /** Distinct moments of the known video that were matched; rows without a time count as one. */
  readonly knownFrames: number;
  /** Frames that the sets hold of the known video; null when they do not say. */
  readonly knownFramesAll: number | null;
  /** Share of the device's video that lies in the known one: high for a clip cut out of it. 0 to 1. */
  readonly queryShare: number;
  /** Share of the known video that was found; low when only key frames were asked, so it is at least this. 0 to 1, or null. */
  readonly knownShare: number | null;
  /** Seconds of the frames that matched, ascending: where to sample more densely, and where to take stills. */
  readonly seconds: readonly number[];
}

/** Radius, quality and the two halves of the rule (perceptual-hash reference, sections 7.2 and 7.3). */
export const FRAME_RADIUS_BITS = 31;
export const FRAME_MIN_QUALITY = 50;
export const LEAD_MIN_FRAMES = 2;
export const LEAD_NEAR_BITS = 15;

/**
 * Decides which known videos a video on a device leads to: at least two distinct frames within 31 bits of one owner,
 * or one within 15. Frames below quality 50 count for nothing, neither for nor against. A lead is a reason to look,
 * not a finding.
 *
 * @param framesOf how many frames the sets hold of an owner, or null
 * @returns leads by number of frames, then nearness, then name
 */
export function findVideoLeads(frames: readonly QueryFrame[], framesOf: (owner: string) => number | null): readonly VideoLead[] {
  const usable = distinctFrames(frames.filter(({ quality }) => quality >= FRAME_MIN_QUALITY));
  const tallies = new Map<string, OwnerTally>();
  for (const frame of usable) {
    for (const match of frame.matches) {
      if (!(match.distanceBits <= FRAME_RADIUS_BITS)) continue;
      const tally = tallies.get(match.owner) ?? { frames: new Set<QueryFrame>(), moments: new Set<number | null>(), nearestBits: match.distanceBits };
      tallies.set(match.owner, tally);
      tally.frames.add(frame);
      tally.moments.add(match.knownSeconds);
      tally.nearestBits = Math.min(tally.nearestBits, match.distanceBits);
    }
  }
  return [...tallies]
    .filter(([, { frames: matched, nearestBits }]) => matched.size >= LEAD_MIN_FRAMES || nearestBits <= LEAD_NEAR_BITS)
    .map(([owner, tally]) => leadOf(owner, tally, usable.length, framesOf(owner)))
    .toSorted((a, b) => b.queryFrames - a.queryFrames || a.nearestBits - b.nearestBits || (a.owner < b.owner ? -1 : 1));
}

interface OwnerTally {
  readonly frames: Set<QueryFrame>;
  readonly moments: Set<number | null>;
  nearestBits: number;
}

function leadOf(owner: string, { frames, moments, nearestBits }: OwnerTally, queryFramesAll: number, known: number | null): VideoLead {
  // A set may hold fewer frames than moments when its own count is wrong; a share over 1 would be nonsense.
  const knownFramesAll = known === null || known <= 0 ? null : Math.max(known, moments.size);
  return {
    owner,
    rule: frames.size >= LEAD_MIN_FRAMES ? 'two-frames' : 'one-near-frame',
    nearestBits,
    queryFrames: frames.size,
    queryFramesAll,
    knownFrames: moments.size,
    knownFramesAll,
    queryShare: frames.size / queryFramesAll,
    knownShare: knownFramesAll === null ? null : moments.size / knownFramesAll,
    seconds: [...frames].map(({ seconds }) => seconds).toSorted((a, b) => a - b),
  };
}

/** Frames with one and the same hash are one: a still scene must not be evidence twice. The first of them stays, with the matches of all. */
function distinctFrames(frames: readonly QueryFrame[]): readonly QueryFrame[] {
  const byHash = new Map<string, QueryFrame>();
  for (const frame of frames) {
    const key = Buffer.from(frame.hash.buffer, frame.hash.byteOffset, frame.hash.byteLength).toString('latin1');
    const first = byHash.get(key);
    if (first === undefined) byHash.set(key, frame);
    else byHash.set(key, { ...first, seconds: Math.min(first.seconds, frame.seconds), matches: [...first.matches, ...frame.matches] });
  }
  return [...byHash.values()];
}
