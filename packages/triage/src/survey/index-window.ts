import { SURVEY_BLOCK_BYTES } from './chunk-grid.ts';

/**
 * Bytes of known material that surely hold a whole indexed block, wherever they begin: a window that begins one
 * byte after the start of an indexed block reaches the end of the next indexed one after (step + 1)·4,096 − 1 bytes.
 *
 * @param step one block in `step` is indexed; 1 for all
 */
export function indexWindowBytes(step: number): number {
  return (step + 1) * SURVEY_BLOCK_BYTES - 1;
}
