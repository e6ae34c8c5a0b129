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
