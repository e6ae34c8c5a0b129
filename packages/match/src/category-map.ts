import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { RefusedError } from '@kerbside/bytes';
import type { SetMeaning } from './known-set.ts';

/** Categories a code may stand for; `unmapped` is what a code is without an entry. */
export const CATEGORIES = ['A', 'B', 'C', 'prohibited', 'extreme', 'ignorable', 'unmapped'] as const;
/** How sure the source is of a category. */
export const CATEGORY_BASES = ['trusted', 'indicative', 'local', 'unstated'] as const;

/** What one code of the source means. */
export interface CategoryMeaning {
  readonly category: (typeof CATEGORIES)[number];
  readonly basis: (typeof CATEGORY_BASES)[number];
}

/** Who stands behind a map, as it is kept in set headers and printed in reports. */
export interface CategoryMapFacts {
  readonly sourceId: string;
  readonly locale: string;
  readonly version: string;
  readonly confirmedBy: string;
  readonly confirmedAt: string;
  /** SHA-256 of the map file, hex; of the canonical JSON for a map not read from a file. */
  readonly sha256: string;
}

/**
 * A versioned map from a source's own category codes to ours. There is no default and never will
 * be: the integers of UK sources are not public, and a guess would put a wrong grade on material.
 */
export interface CategoryMap extends CategoryMapFacts {
  readonly entries: ReadonlyMap<string, CategoryMeaning>;
  /** Who wrote the map or imported the set, where the map says so. */
  readonly importedBy: string | null;
}

/** A map file is a page of JSON; anything larger is not one. */
const MAX_MAP_BYTES = 1024 * 1024;

/**
 * Reads a category map from a JSON file:
 * `{"sourceId","locale","version","entries":{"1":"A","2":{"category":"B","basis":"trusted"}},"confirmedBy","confirmedAt"}`.
 *
 * @throws RefusedError `category-map-not-readable`, `category-map-malformed`, `category-map-not-confirmed`
 */
export function readCategoryMap(path: string): CategoryMap {
  let bytes: Buffer;
  try {
    if (statSync(path).size > MAX_MAP_BYTES) throw new Error(`it is larger than ${MAX_MAP_BYTES} bytes`);
    bytes = readFileSync(path);
  } catch (cause) {
    throw new RefusedError(
      'category-map-not-readable',
      `the category map ${path} could not be read (${cause instanceof Error ? cause.message : String(cause)})`,
      {},
      cause,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw malformed(`${path} is not JSON`, cause);
  }
  return parseCategoryMap(value, createHash('sha256').update(bytes).digest('hex'));
}

/**
 * Checks a category map given as a value. Refuses one that nobody confirmed.
 *
 * @param sha256 digest of the file it came from
 * @throws RefusedError `category-map-malformed`, `category-map-not-confirmed`
 */
export function parseCategoryMap(value: unknown, sha256?: string): CategoryMap {
  if (!isObject(value)) throw malformed('a category map is a JSON object');
  const confirmedBy = textField(value, 'confirmedBy', true);
  const confirmedAt = textField(value, 'confirmedAt', true);
  if (confirmedBy === '' || confirmedAt === '') {
    throw new RefusedError(
      'category-map-not-confirmed',
      'the category map names nobody in "confirmedBy" or no time in "confirmedAt": a second person has to confirm it before it is used',
    );
  }
  if (Number.isNaN(Date.parse(confirmedAt))) throw malformed('"confirmedAt" is not a date');
  const entriesValue = value['entries'];
  if (!isObject(entriesValue)) throw malformed('"entries" has to be an object from code to category');
  const entries = new Map<string, CategoryMeaning>();
  for (const [code, meaning] of Object.entries(entriesValue)) entries.set(code, parseMeaning(code, meaning));
  const version = value['version'];
  return {
    sourceId: textField(value, 'sourceId', false),
    locale: textField(value, 'locale', true),
    version: typeof version === 'number' ? String(version) : textField(value, 'version', false),
    confirmedBy,
    confirmedAt,
    importedBy: textField(value, 'importedBy', true) || null,
    entries,
    sha256: sha256 ?? createHash('sha256').update(JSON.stringify(value)).digest('hex'),
  };
}

/**
 * Refuses a map whose confirmer is also the importer, where the set raises alerts: there a grade
 * needs two people.
 *
 * @throws RefusedError `category-map-one-person`
 */
export function requireTwoPeople(map: CategoryMap, meaning: SetMeaning, importedBy: string): void {
  const importer = map.importedBy ?? importedBy;
  if (meaning === 'alert' && sameName(importer, map.confirmedBy)) {
    throw new RefusedError(
      'category-map-one-person',
      `the category map is confirmed by ${map.confirmedBy}, who is also the importer: for an alert set a second person has to confirm it`,
    );
  }
}

function parseMeaning(code: string, value: unknown): CategoryMeaning {
  const category = isObject(value) ? value['category'] : value;
  const basis = isObject(value) ? (value['basis'] ?? 'unstated') : 'unstated';
  const knownCategory = CATEGORIES.find((known) => known === category);
  const knownBasis = CATEGORY_BASES.find((known) => known === basis);
  if (knownCategory === undefined) {
    throw malformed(`code "${code}" is mapped to ${JSON.stringify(category)}, which is none of ${CATEGORIES.join(', ')}`);
  }
  if (knownBasis === undefined) {
    throw malformed(`code "${code}" has the basis ${JSON.stringify(basis)}, which is none of ${CATEGORY_BASES.join(', ')}`);
  }
  return { category: knownCategory, basis: knownBasis };
}

function textField(value: Record<string, unknown>, name: string, mayBeAbsent: boolean): string {
  const field = value[name];
  if (typeof field === 'string' && (mayBeAbsent || field.trim() !== '')) return field.trim();
  if (mayBeAbsent && (field === undefined || field === null)) return '';
  throw malformed(`"${name}" has to be a text`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameName(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

function malformed(what: string, cause?: unknown): RefusedError {
  return new RefusedError(
    'category-map-malformed',
    `the category map cannot be used: ${what}. Its form is in docs/reference/compiled-set-format.md`,
    {},
    cause,
  );
}
