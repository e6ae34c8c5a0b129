import { stagesOf, type Profile } from '../profile.ts';

/** What decides whether a run decodes pictures and video. */
export interface DecodingBasis {
  readonly profile: Profile;
  /** False where the caller leaves them undecoded whatever the profile says. */
  readonly mayDecode: boolean;
  /** Whether a set of the run has perceptual hashes. */
  readonly hasNearHashes: boolean;
}

/** Why a run decodes no picture and no video, in words; null where it does. */
export function whyNothingIsDecoded({ profile, mayDecode, hasNearHashes }: DecodingBasis): string | null {
  // Only an image can be screened: a folder has a content lane under every profile that it takes.
  if (!stagesOf(profile, 'image').includes('content-lane')) return `the profile ${profile} decodes no pictures`;
  if (!mayDecode) return 'this run was told to decode no pictures';
  return profile === 'everything' || hasNearHashes ? null : 'no set of this run has perceptual hashes';
}
