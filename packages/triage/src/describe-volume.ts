import type { Problem } from '@kerbside/bytes';
import type { SurveyedVolume } from '@kerbside/evidence';
import type { ReportVolume } from './report-types.ts';

/** A volume as the report and the live view name it. */
export function describeVolume({ volume, content }: SurveyedVolume): ReportVolume {
  const place = {
    id: volume.id,
    startOffset: volume.startOffset,
    sizeBytes: volume.sizeBytes,
    scheme: volume.scheme,
    declaredType: volume.declaredType,
    items: 0,
  };
  const unknown = { label: '', basis: null, appears: null };
  switch (content.state) {
    case 'file-system':
      return { ...place, ...unknown, state: 'file-system', name: content.fileSystem.kind, label: content.fileSystem.label, basis: content.basis };
    case 'encrypted':
      return { ...place, ...unknown, state: 'encrypted', name: content.finding.name };
    case 'unsupported':
      return { ...place, ...unknown, state: 'unsupported', name: content.name };
    case 'unrecognised':
      return { ...place, ...unknown, state: 'unrecognised', name: '', appears: content.appears };
  }
}

/** Codes of {@link volumeProblem}; the verdict counts such volumes by themselves and not twice. */
export const VOLUME_PROBLEM_CODES: readonly string[] = ['volume-encrypted', 'volume-unsupported', 'volume-unrecognised'];

/** A volume that cannot be read, as a problem, so that no listing passes over it in silence; null for one that can. */
export function volumeProblem(volume: ReportVolume): Problem | null {
  const where = { volume: volume.id, offset: volume.startOffset, length: volume.sizeBytes };
  switch (volume.state) {
    case 'file-system':
      return null;
    case 'encrypted':
      return { kind: 'unsupported', code: 'volume-encrypted', message: `volume ${volume.id} is locked (${volume.name}) and was not read`, where };
    case 'unsupported':
      return { kind: 'unsupported', code: 'volume-unsupported', message: `volume ${volume.id} holds ${volume.name}, which is not read here`, where };
    case 'unrecognised':
      // Read whole and all zeros, such as a reserved partition: there is nothing in it to miss.
      if (volume.appears === 'empty') return null;
      return { kind: 'unsupported', code: 'volume-unrecognised', message: `volume ${volume.id} holds no file system that is known here (it appears: ${volume.appears ?? 'data'})`, where };
  }
}
