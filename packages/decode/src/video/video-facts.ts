import type { JsonObject } from '@kerbside/bytes';

/** Containers told apart. */
export const VIDEO_CONTAINERS = ['mp4', 'mov', '3gp', 'matroska', 'webm', 'avi', 'asf', 'mpeg-ps', 'mpeg-ts', 'mpeg-video', 'flv'] as const;
export type VideoContainer = (typeof VIDEO_CONTAINERS)[number];

/** What a clip says about itself. Null where it does not. All of it is the clip's own word and may be false. */
export interface VideoFacts {
  readonly container: VideoContainer;
  /** ffmpeg's short name of the codec: `h264`, `hevc`, `mpeg4`, … */
  readonly codec: string;
  /** Size of the frames as stored, in pixels, before any turn. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Degrees clockwise by which a player turns the frames: 0, 90, 180, 270. */
  readonly turnDegrees: number;
  /** Length in seconds. */
  readonly lengthSeconds: number | null;
  readonly framesPerSecond: number | null;
  /** Time of making as the container has it, `2024-05-01T12:00:00Z` or with an offset from UTC. */
  readonly createdAt: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly make: string | null;
  readonly model: string | null;
  readonly hasAudio: boolean;
}

/** The same as plain JSON, for the way out of the sandbox. */
export function factsToJson(facts: VideoFacts): JsonObject {
  return { ...facts };
}
