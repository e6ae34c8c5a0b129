import { KerbsideError, problemFrom, type Problem } from '@kerbside/bytes';
import { detectEncryption } from '../encryption/detect-encryption.ts';
import { recogniseRaidMember, recogniseUnsupported } from '../encryption/recognise-unsupported.ts';
import type { DetectionBasis, FileSystemFormat } from '../file-system.ts';
import type { VolumeContent } from '../source-contract.ts';
import type { Volume } from '../volume.ts';
import { appearanceOf } from './appearance.ts';

/** What was found on a volume, with a problem where a known file system could not be opened. */
export interface VolumeSurvey {
  readonly content: VolumeContent;
  readonly problems: readonly Problem[];
}

/**
 * Says what stands on a volume. The order is the order of trust: signs of encryption; a file system
 * by its own first structures; another known kind; a file system by a backup only, which may be
 * left over from before the volume was made anew; and last how the bytes look.
 */
export function surveyVolume(volume: Volume, formats: readonly FileSystemFormat[], fallbacks: readonly FileSystemFormat[]): VolumeSurvey {
  const { source } = volume;
  const finding = detectEncryption(source);
  if (finding !== null) return { content: { state: 'encrypted', finding }, problems: [] };
  const ours = detectFormat(volume, formats);
  if (ours?.basis === 'primary') return open(volume, ours.format, 'primary');
  const fallback = detectFormat(volume, fallbacks);
  if (fallback !== null) return open(volume, fallback.format, fallback.basis);
  const name = recogniseUnsupported(source);
  if (name !== null) return { content: { state: 'unsupported', name }, problems: [] };
  if (ours !== null) return open(volume, ours.format, 'backup');
  const raid = recogniseRaidMember(source);
  if (raid !== null) return { content: { state: 'unsupported', name: raid }, problems: [] };
  const appears = appearanceOf(source, { offset: 0, length: source.sizeBytes });
  if (appears === 'high-entropy') {
    return { content: { state: 'encrypted', finding: { name: 'unexplained, possibly encrypted', basis: 'entropy' } }, problems: [] };
  }
  return { content: { state: 'unrecognised', appears }, problems: [] };
}

/** The format whose own structures check out, else the first that knows a backup; null when none does. */
export function detectFormat(volume: Volume, formats: readonly FileSystemFormat[]): { format: FileSystemFormat; basis: DetectionBasis } | null {
  let backup: { format: FileSystemFormat; basis: DetectionBasis } | null = null;
  for (const format of formats) {
    const basis = format.detect(volume);
    if (basis === 'primary') return { format, basis };
    if (basis === 'backup') backup ??= { format, basis };
  }
  return backup;
}

function open(volume: Volume, format: FileSystemFormat, basis: DetectionBasis): VolumeSurvey {
  try {
    return { content: { state: 'file-system', fileSystem: format.open(volume), basis }, problems: [] };
  } catch (error) {
    const problem = problemFrom(error, { volume: volume.id, offset: volume.startOffset, length: volume.sizeBytes });
    const isUnsupported = error instanceof KerbsideError && error.kind === 'unsupported';
    return { content: { state: 'unsupported', name: isUnsupported ? format.name : `${format.name}, damaged` }, problems: [problem] };
  }
}
