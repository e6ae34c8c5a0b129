import { RefusedError } from '@kerbside/bytes';
import type { Premises, RankingModel, SearchCamera, SearchContext } from '../ranking/search-context.ts';

/** Entries of each list; a search has a few. */
const MAX_ENTRIES = 1000;
const MAX_TEXT = 200;

/**
 * Reads what the search knows beside the exhibit: `{ "cameras": [{ "make", "model", "serial"?, "namedAs" }],
 * "premises": [{ "latitude", "longitude", "namedAs" }], "models": [{ "modelId", "label" }] }`; each list may be left out.
 * @throws RefusedError `search-facts-unusable` with the field that is wrong
 */
export function parseSearchFacts(text: string): SearchContext {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable('it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unusable('it is not an object');
  const lists = value as Record<string, unknown>;
  for (const name of Object.keys(lists)) if (!['cameras', 'premises', 'models'].includes(name)) throw unusable(`there is no list "${name}"`);
  return {
    cameras: entriesOf(lists, 'cameras').map((entry, at): SearchCamera => ({ make: textOf(entry, `cameras[${at}].make`, 'make'), model: textOf(entry, `cameras[${at}].model`, 'model'), serial: entry['serial'] === undefined || entry['serial'] === null ? null : textOf(entry, `cameras[${at}].serial`, 'serial'), namedAs: textOf(entry, `cameras[${at}].namedAs`, 'namedAs') })),
    premises: entriesOf(lists, 'premises').map((entry, at): Premises => ({ latitude: degreesOf(entry, `premises[${at}].latitude`, 'latitude', 90), longitude: degreesOf(entry, `premises[${at}].longitude`, 'longitude', 180), namedAs: textOf(entry, `premises[${at}].namedAs`, 'namedAs') })),
    models: entriesOf(lists, 'models').map((entry, at): RankingModel => ({ modelId: textOf(entry, `models[${at}].modelId`, 'modelId'), label: textOf(entry, `models[${at}].label`, 'label') })),
  };
}

function entriesOf(lists: Record<string, unknown>, name: string): readonly Record<string, unknown>[] {
  const list = lists[name] ?? [];
  if (!Array.isArray(list) || list.length > MAX_ENTRIES) throw unusable(`"${name}" is not a list of at most ${MAX_ENTRIES} entries`);
  return list.map((entry: unknown, at) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) throw unusable(`${name}[${at}] is not an object`);
    return entry as Record<string, unknown>;
  });
}

function textOf(entry: Record<string, unknown>, place: string, name: string): string {
  const text = entry[name];
  if (typeof text !== 'string' || text.trim() === '' || text.length > MAX_TEXT) throw unusable(`${place} is not a text of 1 to ${MAX_TEXT} characters`);
  return text;
}

function degreesOf(entry: Record<string, unknown>, place: string, name: string, most: number): number {
  const degrees = entry[name];
  if (typeof degrees !== 'number' || !(Math.abs(degrees) <= most)) throw unusable(`${place} is not a number of degrees from -${most} to ${most}`);
  return degrees;
}

function unusable(why: string): RefusedError {
  return new RefusedError('search-facts-unusable', `The facts of the search could not be used: ${why}. docs/guide/review.md shows a file.`);
}
