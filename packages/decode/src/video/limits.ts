/**
 * Limits on what one video may ask of us. Reaching one is told by name with the result that there is by then;
 * origins: shared reference on reliability, section 7, unless said otherwise.
 */

/** CPU seconds for one clip on a device, all passes together: about 60 minutes of 1080p key frames. */
export const MAX_VIDEO_CPU_SECONDS = 60;

/** CPU seconds for one clip when every frame of it goes into a set (about 20 minutes of 1080p); made at a desk, not at a scene. */
export const MAX_EVERY_FRAME_CPU_SECONDS = 1200;

/** Frames hashed of one clip on a device by key frames: two and a quarter hours with a key frame each second. */
export const MAX_VIDEO_FRAMES = 8192;

/** Frames decoded of one clip for a set: 100 minutes at 30 frames a second. */
export const MAX_EVERY_FRAMES = 180_000;

/** Fewer frames than this after the key-frame pass, and the gaps between them are sampled. Perceptual-hash reference, section 7.2. */
export const FEW_FRAMES = 5;

/** Frames added in the gaps of a clip with few key frames, 1 per second: two minutes of gaps. */
export const MAX_GAP_FRAMES = 120;

/** Places around which a clip is sampled densely in one request. */
export const MAX_AROUND_PLACES = 16;

/** Seconds on either side of such a place, and frames per second there: the upper end of the reference's 1 to 4. */
export const AROUND_SECONDS = 2;
export const AROUND_FRAMES_PER_SECOND = 4;

/** Pixels of one frame: 8K is 33 million; with 16 reference frames of that size a decoder stays below the worker's memory. */
export const MAX_VIDEO_PIXELS = 40_000_000;

/**
 * Seconds after which a program that neither reads nor writes is taken to hang. CPU time has a limit of its own; the clock has
 * none, as the medium may be slow and the machine busy.
 */
export const STALL_SECONDS = 120;

/** CPU seconds in which ffprobe must have told the facts. It reads the header and, in streams without one, 5 MB. */
export const PROBE_CPU_SECONDS = 20;

/** Bytes kept of ffprobe's answer: metadata of an honest clip is a few kilobytes. */
export const MAX_PROBE_BYTES = 1024 * 1024;

/** Bytes of one block allocated by ffmpeg: sample tables of a day of video are below 100 MB. */
export const MAX_TOOL_ALLOCATION_BYTES = 256 * 1024 * 1024;

/** Bytes of a clip that the medium could not give before we give up on it; until then they are zeros and told as damage. */
export const MAX_UNREADABLE_BYTES = 64 * 1024 * 1024;

/** Stills in a strip: a screen's width of small ones. Their size is bounded as that of all stills. */
export const MAX_STRIP_STILLS = 16;
