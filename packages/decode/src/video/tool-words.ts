import { MAX_TOOL_ALLOCATION_BYTES, MAX_VIDEO_PIXELS } from './limits.ts';

/** Protocols that ffmpeg may speak: to our own server on the sandbox's loopback, and nothing else. No file, no concat, no crypto, no data. */
const PROTOCOLS = 'http,tcp';

/**
 * Containers that ffmpeg may read. Play lists (HLS, DASH, concat, SDP, ASX), scripts and subtitle files are none of
 * them, so that no reference inside the content is ever followed.
 */
const CONTAINERS = 'mov,matroska,avi,asf,mpeg,mpegts,mpegvideo,flv';

/** Words for ffprobe and ffmpeg before the input. */
export function inputWords(): string[] {
  return [
    '-protocol_whitelist', PROTOCOLS, '-format_whitelist', CONTAINERS,
    // Data references of QuickTime to other files stay off, as is the default.
    '-max_pixels', String(MAX_VIDEO_PIXELS), '-threads', '1', '-multiple_requests', '1',
    // Our server keeps no cookies, sends nobody elsewhere and never hangs up to be asked again.
    '-reconnect', '0',
  ];
}

/** What one pass over a clip is to give. */
export interface Pass {
  readonly url: string;
  /** Which stream, as ffprobe numbers them. */
  readonly streamIndex: number;
  /** `key`: decode key frames only. `all`: decode every frame. */
  readonly decode: 'key' | 'all';
  /** Seconds from the start of the clip at which to begin, and for how long; null for all of it. */
  readonly window: { readonly startSeconds: number; readonly lengthSeconds: number } | null;
  /** At most so many frames per second; null for each frame decoded. */
  readonly framesPerSecond: number | null;
  readonly maxFrames: number;
  readonly cpuSeconds: number;
  readonly raster: RasterShape;
  /** Grows while content is read: a program for which it stands still hangs. */
  readonly progress: () => number;
}

/** Size and pixels of the frames a pass gives. */
export interface RasterShape {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixels: 'gray' | 'rgb24';
}

/** Bytes of one frame. */
export function rasterBytes({ widthPx, heightPx, pixels }: RasterShape): number {
  return widthPx * heightPx * (pixels === 'gray' ? 1 : 3);
}

/**
 * The words of one pass: frames as stored (not turned: lists of frame hashes are made of stored frames), scaled by
 * area, exact to the bit on every processor, each with its own time, raw on standard output.
 */
export function passWords(pass: Pass): string[] {
  const { widthPx, heightPx, pixels } = pass.raster;
  const thin = pass.framesPerSecond === null ? '' : `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${(1 / pass.framesPerSecond - 0.001).toFixed(4)})',`;
  return [
    '-hide_banner', '-nostdin', '-nostats', '-loglevel', 'repeat+level+info', '-benchmark',
    '-timelimit', String(Math.max(1, Math.ceil(pass.cpuSeconds))), '-max_alloc', String(MAX_TOOL_ALLOCATION_BYTES), '-filter_threads', '1',
    ...inputWords(),
    ...(pass.decode === 'key' ? ['-skip_frame', 'nokey'] : []),
    ...(pass.window === null ? [] : ['-ss', pass.window.startSeconds.toFixed(3), '-t', pass.window.lengthSeconds.toFixed(3)]),
    ...(pass.decode === 'key' && pass.window !== null ? ['-noaccurate_seek'] : []),
    '-noautorotate', '-i', pass.url, '-map', `0:${pass.streamIndex}`,
    '-vf', `${thin}scale=${widthPx}:${heightPx}:flags=area+accurate_rnd+bitexact,format=${pixels},settb=1/1000000,showinfo=checksum=0`,
    '-fps_mode', 'passthrough', '-frames:v', String(pass.maxFrames), '-c:v', 'rawvideo', '-f', 'rawvideo', 'pipe:1',
  ];
}
