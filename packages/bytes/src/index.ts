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
