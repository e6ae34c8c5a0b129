export { displayFolder, displayName, displayPath } from './display-name.ts';
export type { EvidenceName, NameEncoding } from './evidence-name.ts';
export type { DetectionBasis, FileSystem, FileSystemFormat } from './file-system.ts';
export type {
  CompressedUnit,
  DirectoryNode,
  Extent,
  Item,
  ItemContent,
  ItemKind,
  ItemTimes,
  NoContentReason,
  PlainExtent,
  Recovery,
  Timestamp,
  WalkEvent,
  WalkPause,
} from './item.ts';
export type { Volume } from './volume.ts';
export type {
  Appearance,
  EncryptionFinding,
  Gap,
  Layout,
  OpenedSource,
  OpenFolder,
  OpenImage,
  SourceFacts,
  SourceKind,
  SourceLocator,
  SurveyedVolume,
  VolumeContent,
} from './source-contract.ts';
export { findLayout, openSource, verifyImage } from './lazy-doors.ts';
export type { OpenSourceOptions } from './open-source.ts';
export { openLocator } from './sources/open-locator.ts';
export type { SourceReader } from './sources/source-reader.ts';
export type { ImageVerification } from './sources/verify-image.ts';
export { CONTENT_BUFFER_BYTES, readContent, viewsOf, type ContentChunk, type ContentView } from './read-content.ts';
export type { LayoutInput } from './find-volumes.ts';
