export { displayName, displayPath } from './display-name.ts';
export type { EvidenceName, NameEncoding } from './evidence-name.ts';
export type { DetectionBasis, FileSystem, FileSystemFormat } from './file-system.ts';
export { FILE_SYSTEM_FORMATS } from './file-system-formats.ts';
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
} from './item.ts';
export type { Volume } from './volume.ts';
export type {
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
