import { RefusedError } from '@kerbside/bytes';

/** What `model.json` says of a model; docs/reference/model-contract.md is the page for who makes one. */
export interface ModelFacts {
  /** Names the model in columns and reports: `demo-drawings`. */
  readonly id: string;
  /** Its maker's own version, in words. */
  readonly version: string;
  /** SHA-256 of `model.onnx`, hex. */
  readonly sha256: string;
  readonly input: {
    /** Name of the graph's input: 32-bit floats of shape 1 × 3 × height × width, red, green, blue. */
    readonly name: string;
    readonly widthPx: number;
    readonly heightPx: number;
    /** A pixel of 0 to 255 becomes (pixel − mean) / std, for each channel. */
    readonly mean: readonly [number, number, number];
    readonly std: readonly [number, number, number];
  };
  readonly output: {
    /** Name of the graph's output: 32-bit floats of shape 1 × labels, each 0 to 1. */
    readonly name: string;
    readonly labels: readonly string[];
  };
  /** The label whose score raises an item in the ranking; null: scores are told and raise nothing. */
  readonly ranksBy: string | null;
}

/** Sides of a model's input: common ones have 224 to 448; a tensor of 1024 × 1024 has 12 MB. */
const MAX_INPUT_PX = 1024;

/** Labels of one model: a column is for a person to read. */
const MAX_LABELS = 64;
const MAX_TEXT_CHARACTERS = 60;

/** Ids stand in column names. */
const ID = /^[a-z0-9][a-z0-9.-]{0,39}$/;

/**
 * Reads the text of a `model.json`.
 * @throws RefusedError `model-json-unusable`
 */
export function parseModelFacts(text: string): ModelFacts {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unusable(`it is not JSON (${(error as Error).message})`);
  }
  const model = fields(value, 'the file');
  if (model['format'] !== 'kerbside-model' || model['formatVersion'] !== 1) throw unusable('"format" must be "kerbside-model" and "formatVersion" 1');
  const input = fields(model['input'], '"input"');
  const output = fields(model['output'], '"output"');
  const labels = output['labels'];
  if (!Array.isArray(labels) || labels.length === 0 || labels.length > MAX_LABELS) throw unusable(`"output.labels" must list 1 to ${MAX_LABELS} labels`);
  const names = labels.map((label) => line(label, '"output.labels"'));
  if (new Set(names).size !== names.length) throw unusable('"output.labels" has a label twice');
  const ranksBy = model['ranksBy'] === null ? null : line(model['ranksBy'], '"ranksBy"');
  if (ranksBy !== null && !names.includes(ranksBy)) throw unusable('"ranksBy" must be one of the labels, or null');
  const id = line(model['id'], '"id"');
  if (!ID.test(id)) throw unusable('"id" must be 1 to 40 small letters, digits, dots and hyphens');
  const sha256 = model['sha256'];
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw unusable('"sha256" must be the 64 hex digits of the model file');
  return {
    id,
    version: line(model['version'], '"version"'),
    sha256,
    input: {
      name: line(input['name'], '"input.name"'),
      widthPx: side(input['widthPx'], '"input.widthPx"'),
      heightPx: side(input['heightPx'], '"input.heightPx"'),
      mean: three(input['mean'], '"input.mean"', (value) => Math.abs(value) <= 1e6),
      std: three(input['std'], '"input.std"', (value) => value > 0 && value <= 1e6),
    },
    output: { name: line(output['name'], '"output.name"'), labels: names },
    ranksBy,
  };
}

function fields(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unusable(`${where} must be an object`);
  return { ...value };
}

function line(value: unknown, where: string): string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > MAX_TEXT_CHARACTERS || /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(value)) throw unusable(`${where} must be one line of 1 to ${MAX_TEXT_CHARACTERS} characters`);
  return value;
}

function side(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MAX_INPUT_PX) throw unusable(`${where} must be a whole number from 1 to ${MAX_INPUT_PX}`);
  return value;
}

function three(value: unknown, where: string, isGood: (one: number) => boolean): readonly [number, number, number] {
  if (!Array.isArray(value) || value.length !== 3 || !value.every((one): one is number => typeof one === 'number' && isGood(one))) throw unusable(`${where} must be three numbers in range`);
  return [value[0]!, value[1]!, value[2]!];
}

function unusable(why: string): RefusedError {
  return new RefusedError('model-json-unusable', `model.json cannot be used: ${why}. docs/reference/model-contract.md says what it holds.`);
}
