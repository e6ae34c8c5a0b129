import { bytesField, messageField, numberField, textField, varint } from './protobuf.ts';

/*
 * ONNX (onnx.proto3 of IR version 8). Fields used, by message:
 *
 * | message | fields |
 * | ------- | ------ |
 * | Model | 1 IR version, 2 producer, 7 graph, 8 operator set {2 version} |
 * | Graph | 1 nodes, 2 name, 5 initial values, 11 inputs, 12 outputs |
 * | Node | 1 inputs, 2 outputs, 3 name, 4 operator, 5 attributes {1 name, 3 integer, 8 integers, 20 type} |
 * | Tensor | 1 dimensions (packed), 2 type, 8 name, 9 raw bytes, little-endian |
 * | ValueInfo | 1 name, 2 type {1 tensor {1 type, 2 shape {1 dimension {1 value}}}} |
 */
const IR_VERSION = 8;
const OPERATOR_SET = 13;
const FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

/** An operator with its inputs, outputs and whole-number attributes. */
export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly values: readonly number[];
}

/** A named value of a fixed shape. */
export type OnnxShape = Omit<OnnxTensor, 'values'>;

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
  readonly input: OnnxShape;
  readonly output: OnnxShape;
}

/** Writes a graph of 32-bit floats as an ONNX model. */
export function writeOnnx({ nodes, tensors, input, output }: OnnxGraph): Buffer {
  const graph = [
    ...nodes.map((node, index) => messageField(1, ...nodeParts(node, index))),
    textField(2, 'graph'),
    ...tensors.map((tensor) => messageField(5, ...tensorParts(tensor))),
    messageField(11, ...shapeParts(input)),
    messageField(12, ...shapeParts(output)),
  ];
  return Buffer.concat([numberField(1, IR_VERSION), textField(2, 'kerbside corpus'), messageField(7, ...graph), messageField(8, numberField(2, OPERATOR_SET))]);
}

function nodeParts({ operator, inputs, outputs, attributes = {} }: OnnxNode, index: number): Buffer[] {
  return [
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(3, `node ${index}`),
    textField(4, operator),
    ...Object.entries(attributes).map(([name, value]) =>
      typeof value === 'number'
        ? messageField(5, textField(1, name), numberField(3, value), numberField(20, ATTRIBUTE_INT))
        : messageField(5, textField(1, name), ...value.map((one) => numberField(8, one)), numberField(20, ATTRIBUTE_INTS)),
    ),
  ];
}

function tensorParts({ name, dimensions, values }: OnnxTensor): Buffer[] {
  const raw = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) raw.writeFloatLE(value, index * 4);
  return [bytesField(1, Buffer.concat(dimensions.map(varint))), numberField(2, FLOAT), textField(8, name), bytesField(9, raw)];
}

function shapeParts({ name, dimensions }: OnnxShape): Buffer[] {
  const shape = dimensions.map((dimension) => messageField(1, numberField(1, dimension)));
  return [textField(1, name), messageField(2, messageField(1, numberField(1, FLOAT), messageField(2, ...shape)))];
}
