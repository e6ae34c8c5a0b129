export { contentChunks, contentSizeBytes, type CorpusFile, type GeneratedContent } from './corpus-file.ts';
export { mutate } from './mutate.ts';
export { makeRandom, type Random } from './random.ts';
export type { NtfsFile, NtfsHole, NtfsStream } from './ntfs/ntfs-file.ts';
export { writeNtfsVolume, type NtfsVolume, type NtfsVolumeOptions } from './ntfs/write-ntfs-volume.ts';
export { makeFatVolume, writeFatVolume, type FatSink, type FatVolumeMap, type FatVolumeOptions } from './fat/write-fat-volume.ts';
