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
  ItemState,
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
export { findLayout, loadCarveRanges, openContainer, openSource, readBackup, readQuickLook, readTarStream, verifyImage } from './lazy-doors.ts';
export type { CarveOptions } from './carving/carve-ranges.ts';
export type { CarveSummary } from './carving/carve-summary.ts';
export type { CarvedKind } from './carving/carving-limits.ts';
export type { OpenSourceOptions } from './open-source.ts';
export { openLocator } from './sources/open-locator.ts';
export type { SourceReader } from './sources/source-reader.ts';
export type { ImageVerification } from './sources/verify-image.ts';
export { ContainerBudget } from './containers/container-budget.ts';
export type { ContainerEvent, Member, MemberState } from './containers/container.ts';
export { CONTENT_BUFFER_BYTES, readContent, type ContentChunk, type ContentView } from './read-content.ts';
export { openItemSource } from './item-source.ts';
export type { UnpackElsewhere } from './containers/unpack-elsewhere.ts';
export type { LayoutInput } from './find-volumes.ts';
export { SNIFF_BYTES, sniffContent, type ContentKind, type SniffedPicture } from './containers/sniff-content.ts';
export { hasZipEnd } from './containers/zip/find-directory.ts';
export { isThumbdataName, QUICK_LOOK_FILES } from './containers/thumbnails/store-names.ts';
export type { BackupFolder } from './containers/backup/backup-folder.ts';
