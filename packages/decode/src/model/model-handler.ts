import { hash } from 'node:crypto';
import { MalformedError, UnsupportedError } from '@kerbside/bytes';
import type * as OnnxRuntime from 'onnxruntime-node';
import { readSmallRaster } from '../still/read-small-raster.ts';
import type { Raster } from '../pdq/raster.ts';
import type { Handler, HandlerInput } from '../worker/handler.ts';
import { readRange } from '../worker/read-range.ts';
import { modelRequestOf, type ModelRequest } from './model-request.ts';

type Runtime = typeof OnnxRuntime;

/** The model that this worker has loaded: a run has one, and loading costs more than scoring. */
let loaded: { readonly sha256: string; readonly session: OnnxRuntime.InferenceSession } | null = null;

/**
 * Request `model`: the content is the picture, then the model; the model's part is read once a worker. Answers with the
 * scores. Runs in the sandbox, on one thread of the CPU.
 */
export const model: Handler = async (request, input) => {
  const asked = modelRequestOf(request);
  const runtime = await loadRuntime();
  const session = await sessionOf(runtime, asked, input);
  const picture = await readRange(input, 0, asked.pictureBytes);
  const raster = await readSmallRaster(picture, { widthPx: asked.widthPx, heightPx: asked.heightPx, fit: 'fill' });
  return { json: { scores: await score(runtime, session, asked, raster) } };
};

async function loadRuntime(): Promise<Runtime> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new UnsupportedError('model-runtime-missing', 'the package onnxruntime-node, which runs models, is not installed or does not load on this machine', {}, error);
  }
}

async function sessionOf(runtime: Runtime, asked: ModelRequest, input: HandlerInput): Promise<OnnxRuntime.InferenceSession> {
  if (loaded?.sha256 === asked.sha256) return loaded.session;
  const onnx = await readRange(input, asked.pictureBytes, asked.modelBytes);
  if (hash('sha256', onnx, 'hex') !== asked.sha256) throw new MalformedError('model-unusable', 'the model did not reach the sandbox as it was read');
  try {
    // One thread: the workers themselves are as many as there are processors.
    const session = await runtime.InferenceSession.create(onnx, { executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', enableCpuMemArena: false, logSeverityLevel: 4 });
    loaded = { sha256: asked.sha256, session };
    return session;
  } catch (error) {
    throw unusable(`it could not be loaded (${firstLine(error)})`);
  }
}

async function score(runtime: Runtime, session: OnnxRuntime.InferenceSession, asked: ModelRequest, raster: Raster): Promise<number[]> {
  let output: unknown;
  try {
    const results = await session.run({ [asked.inputName]: new runtime.Tensor('float32', planesOf(raster, asked), [1, 3, asked.heightPx, asked.widthPx]) }, [asked.outputName]);
    output = results[asked.outputName]?.data;
  } catch (error) {
    throw unusable(`it could not be run (${firstLine(error)})`);
  }
  if (!(output instanceof Float32Array) || output.length !== asked.labels) throw unusable(`its output "${asked.outputName}" is not ${asked.labels} numbers of 32-bit floats`);
  const scores = [...output];
  if (!scores.every((one) => one >= 0 && one <= 1)) throw unusable('it gave a score that is not between 0 and 1');
  return scores;
}

/** Red, green and blue as planes, normalised as the model wants them. */
function planesOf({ data }: Raster, { mean, std }: ModelRequest): Float32Array {
  const count = data.length / 3;
  const planes = new Float32Array(data.length);
  for (let channel = 0; channel < 3; channel++) for (let at = 0; at < count; at++) planes[channel * count + at] = (data[at * 3 + channel]! - mean[channel]!) / std[channel]!;
  return planes;
}

function unusable(why: string): UnsupportedError {
  return new UnsupportedError('model-unusable', `the model cannot be used: ${why}`);
}

/** Words of a library, cut to a line that can stand in a report. */
function firstLine(error: unknown): string {
  // oxlint-disable-next-line no-control-regex
  return (error instanceof Error ? error.message : String(error)).replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 160);
}
