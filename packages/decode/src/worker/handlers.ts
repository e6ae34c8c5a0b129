import type { Handler } from './handler.ts';

/**
 * What a worker can do, by the kind named in a request. Each is loaded when first asked for, inside
 * the sandbox only: nothing outside may import a handler that decodes.
 */
export const HANDLERS: Readonly<Record<string, () => Promise<Handler>>> = {
  check: async () => (await import('./check.ts')).check,
  'encode-sample': async () => (await import('./encode-sample.ts')).encodeSample,
  faces: async () => (await import('../faces/faces-handler.ts')).faces,
  measure: async () => (await import('./measure.ts')).measure,
  model: async () => (await import('../model/model-handler.ts')).model,
  pdq: async () => (await import('../pdq/handle-pdq.ts')).handlePdq,
  picture: async () => (await import('../picture/handle-picture.ts')).handlePicture,
  still: async () => (await import('../still/still-handler.ts')).still,
  unpack: async () => (await import('../unpack/unpack.ts')).unpack,
  video: async () => (await import('../video/handle-video.ts')).handleVideo,
};
