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
export { findLayout, loadCarveRanges, openSource, verifyImage } from './lazy-doors.ts';
export type { CarveOptions } from './carving/carve-ranges.ts';
export type { CarveSummary } from './carving/carve-summary.ts';
export type { CarvedKind } from './carving/carving-limits.ts';
export type { OpenSourceOptions } from './open-source.ts';
export { openLocator } from './sources/open-locator.ts';
export type { SourceReader } from './sources/source-reader.ts';
export type { ImageVerification } from './sources/verify-image.ts';
export { readCompressed, type CompressedFormat } from './containers/compressed/read-compressed.ts';
export { CONTAINER_LIMITS, ContainerBudget, type ContainerLimits } from './containers/container-budget.ts';
export type { ContainerEvent, Member, MemberState } from './containers/container.ts';
export { IDENTIFY_BYTES, identifyArchive, type ArchiveFormat } from './containers/identify-container.ts';
export { memberPath } from './containers/member-names.ts';
export { readSevenZip } from './containers/seven-zip/read-seven-zip.ts';
export { readTar } from './containers/tar/read-tar.ts';
export { readTarStream } from './containers/tar/read-tar-stream.ts';
export { hasZipEnd } from './containers/zip/find-directory.ts';
export { readZip } from './containers/zip/read-zip.ts';
export { zipKindOf, type ZipKind } from './containers/zip/zip-kind.ts';
export { CONTENT_BUFFER_BYTES, readContent, viewsOf, type ContentChunk, type ContentView } from './read-content.ts';
export { openItemSource } from './item-source.ts';
export { openContainer } from './containers/open-container.ts';
export type { UnpackElsewhere } from './containers/unpack-elsewhere.ts';
export type { LayoutInput } from './find-volumes.ts';
export { SNIFF_BYTES, sniffContent, type ContentKind, type SniffedPicture } from './containers/sniff-content.ts';
export { readThumbnailStore, type ThumbnailStoreKind } from './containers/thumbnails/read-thumbnail-store.ts';
export { isThumbdataName } from './containers/thumbnails/read-thumbdata.ts';
export { QUICK_LOOK_FILES, readQuickLook } from './containers/thumbnails/read-quick-look.ts';
export { isBackupFolder, type BackupFolder } from './containers/backup/backup-folder.ts';
export { readBackup, type BackupEvent, type BackupMember, type BackupOptions } from './containers/backup/read-backup.ts';
export { openSqlite, type SqliteDatabase, type SqliteRow, type SqliteTable } from './containers/sqlite/open-database.ts';
export { readPlist } from './containers/plist/read-plist.ts';
export { readUfdr } from './containers/ufdr/read-ufdr.ts';
