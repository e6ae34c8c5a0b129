import { KerbsideError, MalformedError, RefusedError } from '@kerbside/bytes';
import type { Decoders } from '../pool/decoders.ts';
import { joinedContent } from '../pool/joined-content.ts';
import { makeModelRequest } from './model-request.ts';
import type { LocalModel } from './open-model.ts';

/** A score of one label, 0 to 1. */
export interface LabelScore {
  readonly modelId: string;
  readonly label: string;
  readonly score: number;
}

/**
 * Time for one picture, with the loading of the model where a worker has none yet. A model that takes longer would hold up
 * a run of 100,000 pictures for days.
 */
export const MODEL_TIMEOUT_MS = 20_000;

/**
 * Scores a picture with a force's own model, in the sandbox, and checks the answer.
 *
 * @throws what the sandbox says of the picture; UnsupportedError `model-unusable`, `model-runtime-missing`; MalformedError `decoder-lied`
 */
export async function scorePicture(decoders: Pick<Decoders, 'run'>, model: LocalModel, picture: Uint8Array, timeoutMs = MODEL_TIMEOUT_MS): Promise<LabelScore[]> {
  const { json, bytes } = await decoders.run({ kind: 'model', request: makeModelRequest(model, picture.byteLength), content: joinedContent(picture, model.onnx), timeoutMs });
  const { scores } = json;
  const { labels } = model.facts.output;
  if (bytes.byteLength !== 0 || !Array.isArray(scores) || scores.length !== labels.length) throw lied();
  return scores.map((score, index) => {
    if (typeof score !== 'number' || !(score >= 0 && score <= 1)) throw lied();
    return { modelId: model.facts.id, label: labels[index]!, score };
  });
}

/**
 * Runs a model once on a plain picture before a search begins: a model that cannot be loaded, has another shape than it
 * states, or is too slow is refused then, and not at every picture.
 *
 * @param picture any picture that decodes
 * @throws RefusedError `model-refused`
 */
export async function tryModel(decoders: Pick<Decoders, 'run'>, model: LocalModel, picture: Uint8Array, timeoutMs = MODEL_TIMEOUT_MS): Promise<void> {
  try {
    await scorePicture(decoders, model, picture, timeoutMs);
  } catch (error) {
    if (!(error instanceof KerbsideError) || error.kind === 'internal') throw error;
    const why = error.code === 'decoder-overran' ? `it took longer than ${timeoutMs / 1000} s for one picture` : error.message;
    throw new RefusedError('model-refused', `The model ${model.facts.id} is not used: ${why}. Leave it out, or bring one that keeps docs/reference/model-contract.md.`, {}, error);
  }
}

function lied(): MalformedError {
  return new MalformedError('decoder-lied', 'the sandbox answered with scores that cannot be');
}
