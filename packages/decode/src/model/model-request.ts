import { MalformedError, type JsonObject } from '@kerbside/bytes';
import type { LocalModel } from './open-model.ts';

/** What the parent tells a worker about the model; the worker needs no more of `model.json`. */
export interface ModelRequest {
  readonly pictureBytes: number;
  readonly modelBytes: number;
  readonly sha256: string;
  readonly inputName: string;
  readonly outputName: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** How many labels. */
  readonly labels: number;
}

export function makeModelRequest({ facts, onnx }: LocalModel, pictureBytes: number): JsonObject {
  const { input, output } = facts;
  return {
    pictureBytes,
    modelBytes: onnx.byteLength,
    sha256: facts.sha256,
    inputName: input.name,
    outputName: output.name,
    widthPx: input.widthPx,
    heightPx: input.heightPx,
    mean: [...input.mean],
    std: [...input.std],
    labels: output.labels.length,
  };
}

/** The other way round, in the worker. The parent made it from checked facts; a wrong kind of value is a fault all the same. */
export function modelRequestOf(request: JsonObject): ModelRequest {
  const number = (name: string): number => {
    const value = request[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw wrong(name);
    return value;
  };
  const text = (name: string): string => {
    const value = request[name];
    if (typeof value !== 'string') throw wrong(name);
    return value;
  };
  const numbers = (name: string): number[] => {
    const value = request[name];
    if (!Array.isArray(value) || value.length !== 3) throw wrong(name);
    return value.map((one) => (typeof one === 'number' ? one : Number.NaN));
  };
  return {
    pictureBytes: number('pictureBytes'),
    modelBytes: number('modelBytes'),
    sha256: text('sha256'),
    inputName: text('inputName'),
    outputName: text('outputName'),
    widthPx: number('widthPx'),
    heightPx: number('heightPx'),
    mean: numbers('mean'),
    std: numbers('std'),
    labels: number('labels'),
  };
}

function wrong(name: string): MalformedError {
  return new MalformedError('model-unusable', `a request to the model without a usable "${name}"`);
}
