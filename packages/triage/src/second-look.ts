import { problemFrom, type ByteRange } from '@kerbside/bytes';
import { openLocator, type SourceLocator } from '@kerbside/evidence';
import type { Journal } from './journal.ts';
import { readsDiffer } from './reads-differ.ts';
import { addWalkProblem, type RunContext } from './run-context.ts';
import { readEdges, type Edges } from './run-identity.ts';
import type { SecondRead } from './survey/second-reads.ts';
import type { Survey } from './survey/survey.ts';

/** Places that gave other bytes, in the journal. */
const FACT = 'second look';

/** What was read again when all else was done. */
export interface SecondLook {
  /** SHA-256 over the first and last MiB, hex; empty where they were not read again. */
  readonly edgeDigest: string;
  /** Reads of the survey that were made again. */
  readonly reads: number;
}

export const NO_SECOND_LOOK: SecondLook = { edgeDigest: '', reads: 0 };

/**
 * Reads the edges of the source and a sample of the survey's reads once more, and tells every place that is not
 * as it was. The source is opened anew, so that another one in its place is seen too. Other bytes stay told when the
 * run is taken up again; a source that gives none may be back by then, and the first such read ends the look.
 */
export function lookAgain(context: RunContext, locator: SourceLocator, edges: Edges, survey: Survey | null): SecondLook {
  const { journal } = context;
  const differing = new Map(knownDifferences(journal).map((range) => [keyOf(range), range]));
  const known = differing.size;
  let edgeDigest = '';
  let reads = 0;
  let failed: ByteRange | null = null;
  let why = '';
  const compare = ({ offset, length, isSame, isWhole }: SecondRead): void => {
    const range = { offset, length };
    if (!isWhole) failed ??= range;
    else if (!isSame) differing.set(keyOf(range), range);
  };
  try {
    const source = openLocator(locator);
    try {
      // What could not be read when the run began is not asked for again.
      if (edges.parts.every(({ isWhole }) => isWhole)) {
        const again = readEdges(source);
        edgeDigest = again.digest;
        for (const [index, part] of again.parts.entries()) compare({ ...part, isSame: part.digest === edges.parts[index]!.digest });
      }
      for (const read of failed === null ? (survey?.readAgain(source) ?? []) : []) {
        reads += 1;
        compare(read);
        if (failed !== null) break;
      }
    } finally {
      source.close();
    }
  } catch (error) {
    why = `: ${problemFrom(error).message}`;
    failed = { offset: 0, length: context.sourceBytes };
  }
  if (differing.size > known) journal.setFact(FACT, JSON.stringify([...differing.values()]));
  for (const range of [...differing.values()].sort((a, b) => a.offset - b.offset)) addWalkProblem(context, readsDiffer('these bytes were not the same when they were read again at the end of the run', range));
  if (failed !== null) addWalkProblem(context, readsDiffer(`these bytes could not all be read again at the end of the run${why}`, failed));
  return { edgeDigest, reads };
}

function knownDifferences(journal: Pick<Journal, 'fact'>): ByteRange[] {
  return JSON.parse(journal.fact(FACT) ?? '[]') as ByteRange[];
}

function keyOf({ offset, length }: ByteRange): string {
  return `${offset} ${length}`;
}
