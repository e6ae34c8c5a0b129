import type { ByteRange } from '@kerbside/bytes';
import type { Layout } from '@kerbside/evidence';
import { FORM, STATUS, type Catalogue } from './catalogue.ts';
import { RunUnion } from './coverage.ts';
import { EXTENT_COMPRESSED, EXTENT_HOLE, extentKind, extentLength, nextExtent } from './extent-code.ts';
import type { CoveragePart, CoverageState } from './report-types.ts';

/** Cells of the picture of coverage: more than a page or a screen can show, and small in a report. */
const MAX_CELLS = 2048;

/** Cells are whole MiB and at least this. */
const MIN_CELL_BYTES = 64 * 1024;

/** What the picture is made of. */
export interface CoverageInput {
  readonly sourceBytes: number;
  readonly catalogue: Catalogue;
  readonly layout: Layout;
  readonly unreadable: readonly ByteRange[];
  /** Places of hits: of items and of known blocks. */
  readonly hits: readonly ByteRange[];
  /** Reads of the survey; each byte of the grid once, jittered ones beside. */
  readonly surveyReads: Iterable<ByteRange>;
}

/**
 * The source as cells of equal size, each with the state that asks most for attention: a hit before what could not be
 * read, that before what is locked, what nobody read last. Neighbours of one state are one part.
 */
export function mapCoverage(input: CoverageInput): CoveragePart[] {
  const { sourceBytes, catalogue, layout } = input;
  if (sourceBytes === 0) return [];
  const cellBytes = Math.ceil(Math.max(MIN_CELL_BYTES, sourceBytes / MAX_CELLS) / MIN_CELL_BYTES) * MIN_CELL_BYTES;
  const count = Math.ceil(sourceBytes / cellBytes);
  const column = (): Float64Array => new Float64Array(count);
  const [filesRead, surveyRead, gated, unreadable, encrypted, hit] = [column(), column(), column(), column(), column(), column()] as const;
  const add = (cells: Float64Array, { offset, length }: ByteRange): void => {
    const end = Math.min(sourceBytes, offset + length);
    for (let at = Math.max(0, offset); at < end; ) {
      const cell = Math.floor(at / cellBytes);
      const next = Math.min(end, (cell + 1) * cellBytes);
      cells[cell]! += next - at;
      at = next;
    }
  };
  // Items may share clusters: a byte that two of them hold was read once all the same.
  const [readRuns, gatedRuns] = [new RunUnion(), new RunUnion()] as const;
  eachStoredRun(catalogue, (status, { offset, length }) => (status === STATUS.read ? readRuns : gatedRuns).add(offset, length));
  for (const run of readRuns.ranges()) add(filesRead, run);
  for (const run of gatedRuns.ranges()) add(gated, run);
  for (const range of input.surveyReads) add(surveyRead, range);
  for (const range of input.unreadable) add(unreadable, range);
  for (const range of input.hits) add(hit, range);
  for (const { volume, content } of layout.volumes) if (content.state === 'encrypted') add(encrypted, { offset: volume.startOffset, length: volume.sizeBytes });

  const stateOf = (cell: number): CoverageState => {
    const size = Math.min(cellBytes, sourceBytes - cell * cellBytes);
    if (hit[cell]! > 0) return 'hit';
    if (unreadable[cell]! > 0) return 'unreadable';
    if (encrypted[cell]! > 0) return 'encrypted';
    if (Math.max(filesRead[cell]!, surveyRead[cell]!) >= size) return 'read';
    if (gated[cell]! >= size) return 'gated';
    return filesRead[cell]! + surveyRead[cell]! + gated[cell]! > 0 ? 'in-part' : 'not-read';
  };
  const parts: { offset: number; length: number; state: CoverageState }[] = [];
  for (let cell = 0; cell < count; cell++) {
    const state = stateOf(cell);
    const offset = cell * cellBytes;
    const length = Math.min(cellBytes, sourceBytes - offset);
    const last = parts.at(-1);
    if (last?.state === state) last.length += length;
    else parts.push({ offset, length, state });
  }
  return parts;
}

function eachStoredRun(catalogue: Catalogue, visit: (status: number, run: ByteRange) => void): void {
  const { pairs } = catalogue;
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    const status = catalogue.status(ordinal);
    if (catalogue.form(ordinal) !== FORM.extents || (status !== STATUS.read && status !== STATUS.gated)) continue;
    const end = catalogue.extentEnd(ordinal);
    for (let at = catalogue.extentStart(ordinal); at < end; at = nextExtent(pairs, at)) {
      const kind = extentKind(pairs[at * 2 + 1]!);
      if (kind === EXTENT_HOLE) continue;
      if (kind !== EXTENT_COMPRESSED) {
        visit(status, { offset: pairs[at * 2]!, length: extentLength(pairs[at * 2 + 1]!) });
        continue;
      }
      for (let run = at + 1; run <= at + pairs[at * 2]!; run++) visit(status, { offset: pairs[run * 2]!, length: pairs[run * 2 + 1]! });
    }
  }
}
