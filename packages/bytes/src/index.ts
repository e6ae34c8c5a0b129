export { ByteView } from './byte-view.ts';
export {
  InternalError,
  KerbsideError,
  LimitError,
  MalformedError,
  MediumError,
  RefusedError,
  UnsupportedError,
  type ErrorKind,
  type Place,
} from './errors.ts';
export { canonicalJson, type JsonObject, type JsonValue } from './canonical-json.ts';
export { syncFolder, writeFully } from './durable-files.ts';
export { endProcessTree } from './end-process-tree.ts';
export * from './limits.ts';
export { MemorySource } from './memory-source.ts';
export { problemFrom, type Problem } from './problem.ts';
export {
  NO_RANGES,
  readView,
  requireInside,
  type ByteRange,
  type RandomAccessSource,
} from './random-access-source.ts';
export { SourceWindow } from './source-window.ts';
export { CODE_BYTES, CODE_KEY_BYTES, CODE_PURPOSE, keyedCode } from './lanes/keyed-code.ts';
export type { LaneHasher } from './lanes/lane-hasher.ts';
export { createLaneHasher, MAX_LANE_INPUT_BYTES } from './lanes/create-lane-hasher.ts';
export { md5Many } from './lanes/md5-many.ts';
export { bytesOf, signedLeb, unsignedLeb, type Code } from './lanes/wasm-code.ts';
