export type { DecodeContent, DecodeReply, DecodeRequest, Decoders } from './pool/decoders.ts';
export { startDecoders, type DecodersOptions } from './pool/start-decoders.ts';
export { lie } from './pool/worker-fault.ts';
export type { SandboxProfile } from './sandbox/launch.ts';
export { applyMode, DEFAULT_STILL_MODE, STILL_MODES, type StillMode } from './still/apply-mode.ts';
export { checkStill, type StillBounds, type StillFormat } from './still/check-still.ts';
export { makeStill, type Still, type StillOptions } from './still/make-still.ts';
export { DEFAULT_STILL_PX, MAX_STILL_BYTES, MAX_STILL_PX, MIN_STILL_PX } from './still/still-limits.ts';
export { parseModelFacts, type ModelFacts } from './model/model-facts.ts';
export { MAX_MODEL_BYTES, openModel, type LocalModel } from './model/open-model.ts';
export { MODEL_TIMEOUT_MS, scorePicture, tryModel, type LabelScore } from './model/score-picture.ts';
export { MAX_FACES } from './faces/count-faces.ts';
export { FACE_CASCADE_PATH, openFaceCounter, type FaceCounter } from './faces/open-face-counter.ts';
export {
  DIALECTS,
  HASH_BITS,
  HASH_BYTES,
  MATCH_DISTANCE_BITS,
  MIN_QUALITY,
  ORIENTATIONS,
  type Dialect,
  type DialectHashes,
  type Orientation,
  type PdqHash,
  type PictureHashes,
} from './pdq/picture-hashes.ts';
export { hashRaster, type HashOptions } from './pdq/hash-raster.ts';
export type { Reduction } from './pdq/downsample.ts';
export type { Raster } from './pdq/raster.ts';
export { signRuleHashes } from './pdq/sign-rule.ts';
export { countSetBits, hammingDistance, hashFromText, hashToText } from './pdq/hash-text.ts';
export { unpackHashes, packHashes } from './pdq/pack-hashes.ts';
export { hashPicture, hashPictureFile, type HashedPicture, type HashPictureOptions } from './pdq/hash-picture.ts';
export { hashVideo, type VideoOptions, type VideoResult } from './video/hash-video.ts';
export { hashEveryFrame, MAX_PRUNE_BITS, type EveryFrameResult } from './video/hash-every-frame.ts';
export type { EveryFrameCounts } from './video/every-frame.ts';
export { renderStrip, type StripOptions, type StripResult, type VideoStill } from './video/render-strip.ts';
export { renderSheet, SHEET_BOUNDS, type SheetOptions, type VideoSheet } from './video/render-sheet.ts';
export type { VideoDamage } from './video/check-reply.ts';
export type { VideoFrame } from './video/frame-record.ts';
export { VIDEO_CONTAINERS, type VideoContainer, type VideoFacts } from './video/video-facts.ts';
export { MAX_AROUND_PLACES, MAX_STRIP_STILLS, MAX_VIDEO_CPU_SECONDS, MAX_VIDEO_FRAMES } from './video/limits.ts';
export { readPicture, type ReadPictureOptions } from './picture/read-picture.ts';
export type { CaptureTime, ExifFacts, PictureFormat, PictureHashEntry, PictureMode, PictureResult } from './picture/picture-result.ts';
export { unpackTimeoutMs, unpackToTar, type UnpackOptions } from './unpack/unpack-to-tar.ts';
export { TOOLS } from './sandbox/launch.ts';
export { whyUnsound } from './sandbox/self-test.ts';
export { findSystemProgram } from './sandbox/find-program.ts';
