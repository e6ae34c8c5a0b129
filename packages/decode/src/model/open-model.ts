import { hash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';
import { parseModelFacts, type ModelFacts } from './model-facts.ts';

/** A model file that is loaded into each worker, whose memory has 1 GiB in all. */
export const MAX_MODEL_BYTES = 256 * 1024 * 1024;
const MAX_MODEL_JSON_BYTES = 64 * 1024;

/** A force's own model, read and checked, not yet run. */
export interface LocalModel {
  readonly facts: ModelFacts;
  readonly onnx: Uint8Array;
}

/**
 * Reads a model's folder: `model.json` and `model.onnx`. The model is only read here; it runs in the sandbox.
 *
 * @throws RefusedError `model-folder-unreadable`, `model-json-unusable`, `model-too-large`, `model-digest-differs`
 */
export function openModel(folder: string): LocalModel {
  const facts = parseModelFacts(Buffer.from(readBounded(folder, 'model.json', MAX_MODEL_JSON_BYTES)).toString('utf8'));
  const onnx = readBounded(folder, 'model.onnx', MAX_MODEL_BYTES);
  const digest = hash('sha256', onnx, 'hex');
  if (digest !== facts.sha256) throw new RefusedError('model-digest-differs', `${join(folder, 'model.onnx')} has the SHA-256 ${digest}, and model.json states ${facts.sha256}: it is another file, or it was damaged on the way. Get both again from who made the model.`);
  return { facts, onnx };
}

function readBounded(folder: string, name: string, maxBytes: number): Uint8Array {
  const path = join(folder, name);
  let bytes: Uint8Array;
  try {
    const { size } = statSync(path);
    if (size > maxBytes) throw new RefusedError('model-too-large', `${path} has ${size} bytes; at most ${maxBytes} are loaded.`);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    throw new RefusedError('model-folder-unreadable', `${path} could not be read (${(error as Error).message}). A model is a folder with model.onnx and model.json.`, {}, error);
  }
  return bytes;
}
