export { buildSet, type BuildResult, type BuildSetOptions } from './build/build-set.ts';
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
export { openSet } from './compiled/open-set.ts';
export { describeSet, verifySet, type SetDescription } from './describe-set.ts';
export { DIGEST_BYTES, DIGEST_KINDS } from './digest-kinds.ts';
export type { ColumnMap } from './formats/column-map.ts';
export type { RejectReason, RowNote } from './formats/row-sink.ts';
export type { FormatOptions } from './formats/set-format.ts';
export { setFormats } from './formats/set-formats.ts';
export type { BulkKnownSet, DigestAlgorithm, KnownSet, SetFacts, SetMeaning, SetRow } from './known-set.ts';
export { lookupDigestText, type TextLookup } from './lookup-text.ts';
