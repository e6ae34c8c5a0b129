import { LimitError, problemFrom, type Problem } from '@kerbside/bytes';
import type { Layout } from '@kerbside/evidence';
import { FORM, type Catalogue } from '../catalogue.ts';
import { EXTENT_DATA, extentKind, extentLength, nextExtent } from '../extent-code.ts';
import { ALL_PHASES, buildGridMap, phasesOfClusters, type GridMap, type GridPart } from './grid-map.ts';

/**
 * Endings of files that hold other files unpacked, on sectors of their own: their members stand at any
 * 512-byte phase whatever the clusters of the volume are. Members of ZIPs have places of their own (stored-members.ts).
 */
const CONTAINER_ENDING = /\.(?:tar|iso|img|dd|raw|bin|dmg|vhd|vhdx|vdi|vmdk|qcow2?|001)$/i;

/** Pieces of such files that get a grid of their own; those beyond are searched on the grid of their volume, and that is told. */
export const MAX_CONTAINER_PIECES = 100_000;

export interface GridOfLayout {
  readonly grid: GridMap;
  /** Null where every container got its grid. */
  readonly problem: Problem | null;
}

/** The grids of a source: clusters of its file systems, every phase in containers and wherever no file system is known. */
export function gridOfLayout(sourceBytes: number, { volumes, gaps }: Layout, catalogue: Catalogue): GridOfLayout {
  const parts: GridPart[] = volumes.map(({ volume, content }) => ({
    range: { offset: volume.startOffset, length: volume.sizeBytes },
    mask: content.state === 'file-system' ? phasesOfClusters(content.fileSystem.clusterGridOffset, content.fileSystem.clusterSizeBytes) : ALL_PHASES,
  }));
  for (const { range } of gaps) parts.push({ range, mask: ALL_PHASES });
  const containers = containerParts(catalogue);
  const limit = containers.isWhole ? null : problemFrom(new LimitError('survey-containers-limit', `files that hold other files stand in more than ${MAX_CONTAINER_PIECES} pieces; of what the others hold only that is looked up which stands on the clusters of its volume`));
  return { grid: buildGridMap(sourceBytes, [...parts, ...containers.parts]), problem: limit };
}

function containerParts(catalogue: Catalogue): { readonly parts: GridPart[]; readonly isWhole: boolean } {
  const parts: GridPart[] = [];
  const { pairs } = catalogue;
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    if (catalogue.form(ordinal) !== FORM.extents || !CONTAINER_ENDING.test(catalogue.name(ordinal))) continue;
    const end = catalogue.extentEnd(ordinal);
    for (let at = catalogue.extentStart(ordinal); at < end; at = nextExtent(pairs, at)) {
      const code = pairs[at * 2 + 1]!;
      if (extentKind(code) !== EXTENT_DATA) continue;
      if (parts.length === MAX_CONTAINER_PIECES) return { parts, isWhole: false };
      parts.push({ range: { offset: pairs[at * 2]!, length: extentLength(code) }, mask: ALL_PHASES });
    }
  }
  return { parts, isWhole: true };
}
