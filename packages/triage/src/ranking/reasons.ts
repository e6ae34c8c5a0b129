import { formatCount } from '../html/figures.ts';
import type { KnownNeighbours } from './known-neighbours.ts';
import { NONE, type MediaColumns } from './media-columns.ts';
import type { PreparedContext } from './prepare-context.ts';
import { NEAR_PREMISES_M, POINTS } from './weights.ts';

/** Columns of the ranking, in the order shown. A model of the search adds one, `model:` and its id. */
export const REASON_COLUMNS = ['camera', 'premises', 'group', 'burst', 'folder', 'known-model', 'place', 'faces'] as const;
export type ReasonColumn = (typeof REASON_COLUMNS)[number] | `model:${string}`;

/** One reason why an item stands where it does. */
export interface RankReason {
  readonly column: ReasonColumn;
  /** What it adds; 0 where the fact is told and adds nothing. */
  readonly points: number;
  /** A few words for a narrow column: `67 m`. */
  readonly brief: string;
  readonly sentence: string;
}

/** What reasons are made from, for all items of one ranking. */
export interface ReasonInput {
  readonly columns: MediaColumns;
  readonly context: PreparedContext;
  readonly known: KnownNeighbours;
  /** Known or similar items in the near-duplicate group of an item. */
  knownInGroup(index: number): number;
  /** Unseen items in the group, itself included. */
  groupSize(index: number): number;
}

/** All reasons of one item, in the order of the columns. A fact that is not known gives none. */
export function reasonsOf(input: ReasonInput, index: number): RankReason[] {
  const reasons = [cameraReason(input, index), premisesReason(input, index), groupReason(input, index), burstReason(input, index), folderReason(input, index), knownModelReason(input, index), placeReason(input, index), facesReason(input, index), ...modelReasons(input, index)];
  return reasons.filter((reason) => reason !== null);
}

/** The sum of {@link reasonsOf}, without the sentences. */
export function pointsOf(input: ReasonInput, index: number): number {
  return reasonsOf(input, index).reduce((sum, reason) => sum + reason.points, 0);
}

function cameraReason({ columns, context }: ReasonInput, index: number): RankReason | null {
  const number = columns.camera.at(index);
  if (number === NONE) return null;
  const { namedAs } = context.cameras[number]!;
  return columns.serialAgrees.at(index) === 1
    ? { column: 'camera', points: POINTS.cameraSerial, brief: namedAs, sentence: `Made by ${namedAs}: make, model and serial number agree.` }
    : { column: 'camera', points: POINTS.cameraModel, brief: `model of ${namedAs}`, sentence: `Made by a camera of the same make and model as ${namedAs}; a serial number is missing.` };
}

function premisesReason({ columns, context }: ReasonInput, index: number): RankReason | null {
  const number = columns.premises.at(index);
  if (number === NONE) return null;
  const distance = columns.premisesM.at(index);
  return {
    column: 'premises',
    points: distance <= NEAR_PREMISES_M ? POINTS.premisesNear : POINTS.premisesFar,
    brief: `${formatCount(Math.round(distance))} m`,
    sentence: `Its GPS place is ${formatCount(Math.round(distance))} m from ${context.premises[number]!.namedAs}.`,
  };
}

function groupReason(input: ReasonInput, index: number): RankReason | null {
  const known = input.knownInGroup(index);
  const others = input.groupSize(index) - 1;
  if (known > 0) return { column: 'group', points: POINTS.knownGroup, brief: `like ${formatCount(known)} known or similar`, sentence: `Looks nearly like ${items(known, 'that is known or similar to known', 'that are known or similar to known')}, in steps of small changes${others > 0 ? `; ${items(others, 'more', 'more')} of its kind` : ''}.` };
  return others === 0 ? null : { column: 'group', points: 0, brief: `${formatCount(others)} more`, sentence: `Looks nearly like ${items(others, 'more', 'more')} here.` };
}

function burstReason({ columns, known }: ReasonInput, index: number): RankReason | null {
  const time = columns.capturedAtMs.at(index);
  const inFolder = known.burstInFolder(columns.folderKey.at(index), time);
  const ofCamera = known.burstOfCamera(columns.cameraKey.at(index), time);
  if (inFolder === null && ofCamera === null) return null;
  const [after, where] = ofCamera === null || (inFolder !== null && Math.abs(inFolder) <= Math.abs(ofCamera)) ? [inFolder!, 'in its folder'] : [ofCamera, 'of the same camera model'];
  return { column: 'burst', points: POINTS.burst, brief: apart(after), sentence: `Taken ${apart(after)} an item ${where} that is known or similar to known.` };
}

function apart(afterMs: number): string {
  const seconds = Math.round(Math.abs(afterMs) / 1000);
  return seconds === 0 ? 'within a second of' : `${seconds} s ${afterMs > 0 ? 'after' : 'before'}`;
}

function folderReason({ columns, known }: ReasonInput, index: number): RankReason | null {
  const count = known.inFolder(columns.folderKey.at(index));
  return count === 0 ? null : { column: 'folder', points: POINTS.knownFolder, brief: `${formatCount(count)} in it`, sentence: `Its folder holds ${items(count, 'that is known or similar to known', 'that are known or similar to known')}.` };
}

function knownModelReason({ columns, known }: ReasonInput, index: number): RankReason | null {
  const count = known.withCamera(columns.cameraKey.at(index));
  return count === 0 ? null : { column: 'known-model', points: POINTS.knownModel, brief: `${formatCount(count)} with it`, sentence: `${formatCount(count)} known ${count === 1 ? 'item here was' : 'items here were'} made with a camera of its make and model.` };
}

function placeReason({ columns }: ReasonInput, index: number): RankReason | null {
  const sentence = columns.texts.text(columns.hiddenSentence.at(index));
  if (sentence === null) return null;
  const isVault = columns.isVault.at(index) === 1;
  return { column: 'place', points: isVault ? POINTS.vaultPlace : POINTS.hiddenPlace, brief: isVault ? 'vault' : 'hidden', sentence };
}

function facesReason({ columns }: ReasonInput, index: number): RankReason | null {
  const faces = columns.faces.at(index);
  if (faces === NONE || faces === 0) return null;
  return { column: 'faces', points: POINTS.face, brief: formatCount(faces), sentence: `${formatCount(faces)} ${faces === 1 ? 'place looks' : 'places look'} like a face.` };
}

function modelReasons({ columns, context }: ReasonInput, index: number): RankReason[] {
  return context.models.flatMap(({ modelId, label }, number) => {
    const score = columns.scores[number]!.at(index);
    if (Number.isNaN(score)) return [];
    const sentence = `The model ${modelId} gives “${label}” ${score.toFixed(2)} of 1.`;
    return [{ column: `model:${modelId}` as const, points: Math.floor(score * POINTS.modelMost), brief: score.toFixed(2), sentence }];
  });
}

function items(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? 'item' : 'items'} ${count === 1 ? one : many}`;
}
