import { SourceWindow, type ByteRange, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import { detectDiskEncryption, detectEncryption } from './encryption/detect-encryption.ts';
import { recogniseUnsupported } from './encryption/recognise-unsupported.ts';
import { fallbackFormats } from './fallback/fallback-formats.ts';
import { FILE_SYSTEM_FORMATS } from './file-system-formats.ts';
import type { Gap, Layout, OpenImage, SurveyedVolume } from './source-contract.ts';
import type { Volume } from './volume.ts';
import { appearanceOf } from './volumes/appearance.ts';
import { choosePartitionTable } from './volumes/choose-table.ts';
import { clipTo, tailOf, uncovered } from './volumes/gaps.ts';
import { findLostVolumes, MAX_PROBES, type LostVolume, type ProbeBudget } from './volumes/lost-volumes.ts';
import type { PartitionTable } from './volumes/partition.ts';
import { detectFormat, surveyVolume } from './volumes/survey-volume.ts';

/** An image to lay out; without a locator (bytes in memory) the fallback readers are not used. */
export type LayoutInput = Pick<OpenImage, 'source'> & Partial<Pick<OpenImage, 'locator' | 'facts'>>;

/** A place on the source that will become a volume. */
type Place = Omit<Volume, 'source' | 'id'> & { readonly id: string | null };

/**
 * Finds the volumes of an image and what stands on each, and the gaps between them. Every byte of
 * the source is in a volume or in a gap; only partitions that overlap share bytes, which is a problem.
 * What a volume has past the end of its file system is a gap too, inside the volume.
 * Reads no more than tables, first structures and bounded samples.
 */
export function findLayout(image: LayoutInput): Layout {
  const { source } = image;
  const problems: Problem[] = [];
  const table = choosePartitionTable(source, image.facts?.sectorSizeBytes ?? 512, FILE_SYSTEM_FORMATS);
  problems.push(...(table?.problems ?? []));
  const places = table === null ? placesWithoutTable(source, problems) : [...placesOfTable(source, table, problems), ...lostPlaces(source, table, problems)];
  const formats = fallbackFormats(image.locator ?? null);
  const survey = (place: Place & { id: string }): SurveyedVolume => {
    const volume: Volume = { ...place, source: new SourceWindow(source, place.startOffset, place.sizeBytes) };
    const found = surveyVolume(volume, FILE_SYSTEM_FORMATS, formats);
    problems.push(...found.problems);
    return { volume, content: found.content };
  };
  const first = named(places, 1).map(survey);
  const tails = tailsOf(source, first);
  const budget: ProbeBudget = { left: MAX_PROBES };
  const hidden = asPlaces(tails.flatMap((tail) => findLostVolumes(source, tail, FILE_SYSTEM_FORMATS, budget)), problems);
  const volumes = [...first, ...named(hidden, 1 + places.filter(({ id }) => id === null).length).map(survey)];
  const disk = table === null ? null : detectDiskEncryption(source);
  if (disk !== null) {
    problems.push({ kind: 'unsupported', code: 'disk-encrypted', message: `the disk carries the sign of ${disk.name}: it is encrypted, or was`, where: { offset: 0, length: 512 } });
  }
  return { scheme: table?.scheme ?? 'none', volumes, gaps: gapsOf(source, volumes, table), problems };
}

/** The table's partitions as far as they lie on the source. */
function placesOfTable(source: RandomAccessSource, table: PartitionTable, problems: Problem[]): Place[] {
  const places: Place[] = [];
  const report = (code: string, message: string, id: string, offset: number): void => {
    problems.push({ kind: 'malformed', code, message, where: { volume: id, offset } });
  };
  for (const { id, startOffset, sizeBytes, scheme, declaredType } of table.partitions) {
    const isOnSource = Number.isSafeInteger(startOffset) && Number.isSafeInteger(sizeBytes) && startOffset < source.sizeBytes && sizeBytes > 0;
    if (!isOnSource) {
      report('volume-outside-source', `volume ${id} lies beyond the ${source.sizeBytes} bytes of the source: the image may have been cut short, or the table is damaged`, id, Math.min(startOffset, source.sizeBytes));
      continue;
    }
    const available = Math.min(sizeBytes, source.sizeBytes - startOffset);
    if (available < sizeBytes) {
      report('volume-cut-short', `volume ${id} should have ${sizeBytes} bytes, of which ${sizeBytes - available} lie beyond the end of the source`, id, source.sizeBytes);
    }
    const other = places.find((place) => startOffset < place.startOffset + place.sizeBytes && place.startOffset < startOffset + available);
    if (other !== undefined) {
      const isSame = other.startOffset === startOffset && other.sizeBytes === available;
      report('volumes-overlap', `volume ${id} ${isSame ? 'is the same place as' : 'shares bytes with'} volume ${other.id}${isSame ? ' and was read once' : ''}`, id, startOffset);
      if (isSame) continue;
    }
    places.push({ id, startOffset, sizeBytes: available, scheme, declaredType });
  }
  return places;
}

/** File systems in the gaps of a partitioned disk. */
function lostPlaces(source: RandomAccessSource, table: PartitionTable, problems: Problem[]): Place[] {
  const budget: ProbeBudget = { left: MAX_PROBES };
  const taken: ByteRange[] = table.partitions.map(({ startOffset, sizeBytes }) => ({ offset: startOffset, length: sizeBytes }));
  const lost = uncovered(source.sizeBytes, taken).flatMap((gap) => findLostVolumes(source, gap, FILE_SYSTEM_FORMATS, budget));
  return asPlaces(lost, problems);
}

/** No partition table: one volume over all, unless volumes of a lost table show themselves inside. */
function placesWithoutTable(source: RandomAccessSource, problems: Problem[]): Place[] {
  const whole: Place = { id: 'p1', startOffset: 0, sizeBytes: source.sizeBytes, scheme: 'none', declaredType: '' };
  const isKnown = detectEncryption(source) !== null || recogniseUnsupported(source) !== null;
  if (isKnown || detectFormat({ ...whole, id: 'p1', source }, FILE_SYSTEM_FORMATS)?.basis === 'primary') return [whole];
  const lost = findLostVolumes(source, { offset: 0, length: source.sizeBytes }, FILE_SYSTEM_FORMATS, { left: MAX_PROBES });
  return lost.length === 0 ? [whole] : asPlaces(lost, problems);
}

function asPlaces(lost: readonly LostVolume[], problems: Problem[]): Place[] {
  return lost.map((volume): Place => {
    problems.push({
      kind: 'malformed',
      code: 'volume-not-in-table',
      message: 'a file system stands where no partition table names one: a deleted or hidden partition, or the table is lost; it was read too',
      where: { offset: volume.startOffset, length: volume.sizeBytes },
    });
    return { id: null, ...volume, scheme: 'gap', declaredType: '' };
  });
}

/** Volumes in gaps get `g1`… in their order on the source. */
function named(places: readonly Place[], firstNumber: number): (Place & { id: string })[] {
  let next = firstNumber;
  return places.map((place) => ({ ...place, id: place.id ?? `g${next++}` }));
}

/** What volumes have past the ends of their file systems and no other volume covers. */
function tailsOf(source: RandomAccessSource, volumes: readonly SurveyedVolume[]): ByteRange[] {
  const tails = volumes.map(tailOf);
  const used = volumes.map(({ volume }, index) => ({ offset: volume.startOffset, length: volume.sizeBytes - (tails[index]?.length ?? 0) }));
  const free = uncovered(source.sizeBytes, used);
  return tails.flatMap((tail) => (tail === null ? [] : clipTo(tail, free)));
}

function gapsOf(source: RandomAccessSource, volumes: readonly SurveyedVolume[], table: PartitionTable | null): Gap[] {
  const taken = volumes.map(({ volume }) => ({ offset: volume.startOffset, length: volume.sizeBytes }));
  const ranges = [...uncovered(source.sizeBytes, taken), ...tailsOf(source, volumes)].sort((a, b) => a.offset - b.offset);
  return ranges.map((range, index) => ({
    id: `gap${index + 1}`,
    range,
    appears: appearanceOf(source, range, table?.tableRanges ?? []),
  }));
}
