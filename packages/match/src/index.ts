export { buildBlockSet, buildFromCodes, buildSet } from './build-doors.ts';
export type { BuildResult, BuildSetOptions } from './build/build-set.ts';
export type { ContentHash, FolderImport, FolderTotals, HashContent, HashedContent } from './build/import-folder.ts';
export type { CountedPlaces, ImportPlace, ImportTotals } from './build/import-totals.ts';
export {
  CATEGORIES,
  CATEGORY_BASES,
  parseCategoryMap,
  readCategoryMap,
  type CategoryMap,
  type CategoryMapFacts,
  type CategoryMeaning,
} from './category-map.ts';
export type { CategoryEntry, SetSource } from './compiled/layout.ts';
export { FORMAT_VERSION as SET_FORMAT_VERSION } from './compiled/layout.ts';
export { openSet } from './compiled/open-set.ts';
export { openSetRows, type RowBatch, type SetRows } from './compiled/read-rows.ts';
export { describeSet, verifySet, type SetDescription } from './describe-set.ts';
export { DIGEST_BYTES, DIGEST_KINDS } from './digest-kinds.ts';
export type { ColumnMap } from './formats/column-map.ts';
export type { RejectReason, RowNote } from './formats/row-sink.ts';
export type { FormatOptions } from './formats/set-format.ts';
export type { BulkKnownSet, DigestAlgorithm, KnownSet, SetFacts, SetMeaning, SetRow } from './known-set.ts';
export { lookupDigestText, type TextLookup } from './lookup-text.ts';
export {
  BLOCK_SET_BLOCK_BYTES,
  POSITION_MODULUS,
  type BlockLookup,
  type BlockSet,
  type BlockSetFacts,
  type BlockSetFile,
  type SetKey,
  type SharedBlockSet,
} from './blocks/block-set.ts';
export { attachBlockSet } from './blocks/attach-block-set.ts';
export { readBlockSetKind } from './blocks/block-set-file.ts';
export type { BlockSetOptions, BlockSetResult, BuildBlockSetOptions } from './blocks/build-block-set.ts';
export type { BlockSetSigner } from './blocks/build-options.ts';
export type { CodeCollector } from './blocks/code-collector.ts';
export { describeBlockSet, type BlockSetDescription } from './blocks/describe-block-set.ts';
export { listBlockSetFiles, type BlockSetFileCode } from './blocks/list-files.ts';
export { openBlockSet } from './blocks/open-block-set.ts';
export { FileReader as BlockFileReader } from './blocks/file-codes.ts';
export { ContentRules, type ContentRule } from './blocks/probative.ts';
export { attachNearIndex } from './near/attach-near-index.ts';
export { holdsNearHashes } from './near/holds-near-hashes.ts';
export { loadNearIndex } from './near/load-near-index.ts';
export type { PdqOptions } from './near/near-collector.ts';
export type {
  NearAnswer,
  NearIndex,
  NearMatch,
  NearSetFacts,
  PictureAnswer,
  PictureHash,
  PictureMatch,
  SharedNearIndex,
} from './near/near-index.ts';
export type { NearFacts, NearTotals } from './near/near-layout.ts';
export { MAX_NEAR_RADIUS } from './near/near-plan.ts';
export { openNearRows, type NearRow, type NearRows } from './near/near-rows.ts';
export { MIN_PDQ_QUALITY, PDQ_DIALECTS, pdqDistance, pdqWords, type PdqDialect } from './near/pdq-hash.ts';
export { MAX_MATCHES_PER_QUERY } from './near/search-code.ts';
export { findVideoLeads, FRAME_MIN_QUALITY, FRAME_RADIUS_BITS, LEAD_MIN_FRAMES, LEAD_NEAR_BITS, type FrameMatch, type QueryFrame, type VideoLead } from './video/video-lead.ts';
