import { LimitError, MediumError, problemFrom, type ByteRange, type Place } from '@kerbside/bytes';
import type { WalkEvent } from '../item.ts';
import { MAX_PARTS, type CarvedKind } from './carving-limits.ts';

/** Tells each limit once for a kind: what matters is that it was reached. */
export class CarveProblems {
  readonly #volumeId: string;
  readonly #told = new Set<string>();

  constructor(volumeId: string) {
    this.#volumeId = volumeId;
  }

  unreadable(range: ByteRange): WalkEvent {
    return this.#event(new MediumError('carving-unreadable', `${range.length} bytes of free space could not be read from the medium: files may have been there`), range);
  }

  unreadableRest(ranges: number): WalkEvent {
    return this.#event(new MediumError('carving-unreadable', `${ranges} more ranges of free space could not be read from the medium`), {});
  }

  tooLong(kind: CarvedKind, offset: number): WalkEvent | null {
    return this.#once(`long ${kind}`, new LimitError('carving-length-limit', `what begins as a ${kind} file is longer than any that is carved; it was left out`), { offset });
  }

  tooManyParts(kind: CarvedKind, offset: number): WalkEvent | null {
    return this.#once(`parts ${kind}`, new LimitError('carving-parts-limit', `what begins as a ${kind} file has more than ${MAX_PARTS} parts, or more before its content than any writer makes; it was left out`), { offset });
  }

  tooManyItems(maxItems: number): WalkEvent | null {
    return this.#once('items', new LimitError('carving-item-limit', `${maxItems} files were found in free space, as many as are listed; the search ended there`), {});
  }

  tooMuchInVain(offset: number): WalkEvent | null {
    return this.#once('vain', new LimitError('carving-work-limit', 'so many beginnings of files in free space lead far and break that some were not followed; they may have been put there for that'), { offset });
  }

  #once(key: string, error: LimitError, place: Place): WalkEvent | null {
    if (this.#told.has(key)) return null;
    this.#told.add(key);
    return this.#event(error, place);
  }

  #event(error: LimitError | MediumError, place: Place): WalkEvent {
    return { type: 'problem', problem: problemFrom(error, { ...(this.#volumeId === '' ? {} : { volume: this.#volumeId }), ...place }) };
  }
}
