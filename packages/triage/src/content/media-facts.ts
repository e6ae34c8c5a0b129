/** Facts of a picture or video that was decoded; no pixel of it. */
export interface MediaFacts {
  /** Display path inside the item; empty for the item itself. */
  readonly member: string;
  readonly kind: 'picture' | 'video';
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
  /** Frames of an animation; 1 for a still. */
  readonly frames: number;
  /** Length of a video in seconds. */
  readonly seconds: number | null;
  /** What is wrong with it although it could be decoded. */
  readonly damaged: string | null;
  /** Time of capture as it says, ISO 8601, with an offset only where it states one. */
  readonly takenAt: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly make: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly software: string | null;
  /** PDQ in the 512nn dialect, hex, and its quality; null where none could be made. */
  readonly hash: string | null;
  readonly quality: number;
  /** The thumbnail inside shows something else than the picture does. */
  readonly thumbnailDiffers: boolean;
  readonly faces: number | null;
  readonly scores: readonly { readonly modelId: string; readonly label: string; readonly score: number }[];
}
