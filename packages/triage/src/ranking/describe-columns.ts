import { NONE, type MediaColumns } from './media-columns.ts';
import type { RankingColumn } from './ranking.ts';
import type { ReasonInput } from './reasons.ts';

/** The columns of a ranking, each with why it says nothing where it cannot. */
export function describeColumns({ columns, context }: ReasonInput): RankingColumn[] {
  const anyKnown = some(columns, (index) => columns.standingOf(index) !== 'unseen');
  const noKnown = anyKnown ? null : 'Nothing known or similar to known was found here.';
  const hashed = some(columns, (index) => columns.hash.at(index) !== NONE);
  const counted = some(columns, (index) => columns.faces.at(index) !== NONE);
  return [
    { column: 'camera', title: 'Camera of the search', note: context.cameras.length > 0 ? null : 'Not available: no camera was named for this search.' },
    { column: 'premises', title: 'Near the premises', note: context.premises.length > 0 ? null : 'Not available: no place was named for this search.' },
    { column: 'group', title: 'Looks alike', note: hashed ? null : 'Not available: no picture could be compared with others.' },
    { column: 'burst', title: 'Taken close to known', note: noKnown },
    { column: 'folder', title: 'Folder of known', note: noKnown },
    { column: 'known-model', title: 'Camera model of known', note: noKnown },
    { column: 'place', title: 'Out of sight', note: null },
    { column: 'faces', title: 'Faces', note: counted ? null : 'Not available: nothing here counted faces.' },
    ...context.models.map(({ modelId, label }, number) => ({
      column: `model:${modelId}` as const,
      title: `${modelId}: ${label}`,
      note: some(columns, (index) => !Number.isNaN(columns.scores[number]!.at(index))) ? null : 'Not available: the model gave no score.',
    })),
  ];
}

function some(columns: MediaColumns, is: (index: number) => boolean): boolean {
  for (let index = 0; index < columns.length; index++) if (is(index)) return true;
  return false;
}
