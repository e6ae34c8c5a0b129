import type { Problem, RandomAccessSource } from '@kerbside/bytes';

/** A source that can also say why bytes could not be read: what every outermost source of ours is. */
export interface SourceReader extends RandomAccessSource {
  /** Problems met by reads since the last call, bounded and without repeats; the list is emptied. */
  takeProblems(): readonly Problem[];
}
