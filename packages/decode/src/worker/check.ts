import type { Handler } from './handler.ts';

/** Answers with the length it was told of: shows that a worker is alive, and gives tests something plain. */
export const check: Handler = async (_request, input) => ({ json: { sizeBytes: input.sizeBytes } });
