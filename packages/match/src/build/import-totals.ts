import type { RejectReason, RowNote } from '../formats/row-sink.ts';

/** Rejected places kept per reason; the rest is only counted. */
export const PLACES_KEPT_PER_REASON = 20;

/** Share of invalid rows above which a list is called doubtful (shared reference on set formats, section 6). */
export const DOUBTFUL_SHARE = 0.001;

/** A place in one of the imported files. */
export interface ImportPlace {
  readonly file: string;
  /** Line, record or byte, as the file's format counts; see the source's `placeUnit`. */
  readonly place: number;
}

/** How often something happened, and the first places where it did. */
export interface CountedPlaces {
  readonly count: number;
  readonly first: readonly ImportPlace[];
}

/** What became of the rows read: `read = accepted + duplicate + rejected + nearOnly`. */
export interface ImportTotals {
  readonly read: number;
  /** Rows in the set. */
  readonly accepted: number;
  /** Rows merged into another that says the same. */
  readonly duplicate: number;
  readonly rejected: number;
  /** Rows without a digest that gave hashes for near-matches; absent when there are none. */
  readonly nearOnly?: number;
  readonly rejectedByReason: Readonly<Partial<Record<RejectReason, CountedPlaces>>>;
  /** Oddities in rows that were taken. */
  readonly notes: Readonly<Partial<Record<RowNote, CountedPlaces>>>;
}

/** Gathers counts with their first places. */
export class PlaceCounter<Reason extends string> {
  readonly #counts = new Map<Reason, { count: number; first: ImportPlace[] }>();

  add(reason: Reason, file: string, place: number): void {
    let entry = this.#counts.get(reason);
    if (entry === undefined) {
      entry = { count: 0, first: [] };
      this.#counts.set(reason, entry);
    }
    entry.count++;
    if (entry.first.length < PLACES_KEPT_PER_REASON) entry.first.push({ file, place });
  }

  /** By reason, in alphabetical order so that equal imports give equal bytes. */
  result(): Partial<Record<Reason, CountedPlaces>> {
    const result: Partial<Record<Reason, CountedPlaces>> = {};
    for (const [reason, counted] of [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))) result[reason] = counted;
    return result;
  }
}
