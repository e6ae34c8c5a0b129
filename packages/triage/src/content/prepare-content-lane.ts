import type { SourceLocator } from '@kerbside/evidence';
import type { SetQuestions } from '../known-sets.ts';
import type { Profile } from '../profile.ts';
import { SIZE_TABLE_BYTES } from './content-job.ts';
import type { ContentLane } from './content-stage.ts';
import type { NearSets } from './near-rows.ts';
import { whyNothingIsDecoded } from './why-nothing-is-decoded.ts';

/** A thread holds a picture and what it decodes to; more than two would break the promise of 512 MB. */
const CONTENT_WORKERS = 2;

/** Greatest distance of a near-match: the recommendation of the hash's authors. */
export const NEAR_RADIUS_BITS = 31;

export interface ContentLaneInput {
  readonly locator: SourceLocator | null;
  readonly profile: Profile;
  readonly questions: SetQuestions;
  readonly near: NearSets;
  readonly passwords: readonly string[];
  readonly mayDecode: boolean;
  readonly mayDecodeVideo: boolean;
  readonly modelFolder: string | null;
  readonly countsFaces: boolean;
}

/** What the lane of a run needs: which items, which digests of a member of which length, and the near-match indexes. */
export function prepareContentLane({ locator, profile, questions, near, passwords, mayDecode, mayDecodeVideo, modelFolder, countsFaces }: ContentLaneInput): ContentLane {
  const decodesMedia = whyNothingIsDecoded({ profile, mayDecode, hasNearHashes: near.index !== null }) === null;
  return {
    locator,
    makeSetup: () => ({ sizeMasks: sizeMasksOf(questions), largeMask: questions.fullMask, decodesMedia, decodesVideo: decodesMedia && mayDecodeVideo, nearIndex: near.index, radius: NEAR_RADIUS_BITS, passwords, modelFolder, countsFaces }),
    nearRows: near,
    lookInto: profile === 'everything' ? 'all' : decodesMedia ? 'media-by-name' : 'containers-by-name',
    workers: CONTENT_WORKERS,
  };
}

/** A member is unpacked once: whatever any set may ask of it is taken then. */
function sizeMasksOf(questions: SetQuestions): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(SIZE_TABLE_BYTES);
  const masks = new Uint8Array(shared);
  for (let sizeBytes = 1; sizeBytes < SIZE_TABLE_BYTES; sizeBytes++) masks[sizeBytes] = questions.maskForSize(sizeBytes) === 0 ? 0 : questions.fullMask;
  return shared;
}
