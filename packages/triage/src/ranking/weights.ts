/*
 * Points of each reason, in one table. They are an order of work, chosen by us from what each fact can say;
 * nothing was fitted to cases, and no sum of points is a chance of anything. Points only add: no fact lowers an item.
 *
 * | reason               | points | why this much |
 * | -------------------- | ------ | ------------- |
 * | camera, serial too   | 40 | the one fact that ties a picture to a thing in the officer's hands: first-hand making |
 * | camera, model alone  | 25 | many people own the same model |
 * | premises ≤ 100 m     | 30 | taken where the search is; phones are often 10 to 50 m off indoors |
 * | premises ≤ 500 m     | 15 | the same street or estate |
 * | known group          | 40 | looks like something a set knows, or like a near-match: edits in a chain |
 * | burst                | 35 | taken within a minute of known or similar material, same folder or camera model |
 * | known folder         | 25 | people keep like with like |
 * | known model          | 15 | the model that known items here were made with |
 * | vault place          | 20 | put into an app or folder made for hiding; many people hide harmless things |
 * | hidden place         | 10 | dot folder, .nomedia, hidden attribute: mostly caches of programs |
 * | face                 |  5 | a person may be in it; most pictures people keep have one |
 * | model, at most       | 30 | times its score, rounded down; never enough alone for the high band |
 */
export const POINTS = {
  cameraSerial: 40,
  cameraModel: 25,
  premisesNear: 30,
  premisesFar: 15,
  knownGroup: 40,
  burst: 35,
  knownFolder: 25,
  knownModel: 15,
  vaultPlace: 20,
  hiddenPlace: 10,
  face: 5,
  modelMost: 30,
} as const;

/** Distances from the premises, metres, that count. */
export const NEAR_PREMISES_M = 100;
export const FAR_PREMISES_M = 500;

/** Items taken this close together are one burst: a minute covers a session of pictures in a row. */
export const BURST_MS = 60_000;

/** PDQ hashes this close show the same picture (the published threshold), and only with enough detail to compare. */
export const GROUP_DISTANCE = 31;
export const GROUP_QUALITY = 50;

/** Points from which an item is in the high band (one strong reason or two), and in the middle band (any reason but a face or a plain hidden place alone). */
export const HIGH_FROM = 40;
export const MIDDLE_FROM = 15;

export type Band = 'high' | 'middle' | 'low';

export function bandOf(points: number): Band {
  return points >= HIGH_FROM ? 'high' : points >= MIDDLE_FROM ? 'middle' : 'low';
}
