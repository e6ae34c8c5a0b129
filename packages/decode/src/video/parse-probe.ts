import { MalformedError, UnsupportedError } from '@kerbside/bytes';
import { parseIso6709 } from './iso6709.ts';
import type { VideoContainer, VideoFacts } from './video-facts.ts';

/** ffprobe's answer, as far as we look at it; nothing in it is taken on trust. */
export interface ProbeAnswer {
  readonly facts: VideoFacts;
  /** Which of the streams is looked at. */
  readonly streamIndex: number;
}

type Tree = { readonly [key: string]: unknown };

/** Longest text kept of metadata. */
const MAX_TEXT = 80;

/**
 * Takes the facts from ffprobe's JSON.
 *
 * @param head the first bytes of the content: Matroska and WebM, MP4 and 3GP are told apart by them
 * @throws MalformedError `video-not-understood`; UnsupportedError `video-without-pictures`
 */
export function parseProbe(json: string, head: Uint8Array): ProbeAnswer {
  let root: Tree;
  try {
    root = tree(JSON.parse(json));
  } catch {
    throw new MalformedError('video-not-understood', 'the video was not understood: its metadata is cut off or too long');
  }
  const format = tree(root['format']);
  const streams = Array.isArray(root['streams']) ? root['streams'].map(tree) : [];
  const tags = lowerCased(tree(format['tags']));
  const container = containerOf(text(format['format_name']) ?? '', text(tags['major_brand']) ?? '', head);
  if (container === null) throw new MalformedError('video-not-understood', 'the content is not one of the kinds of video that are examined');
  const video = streams.find((one) => one['codec_type'] === 'video' && tree(one['disposition'])['attached_pic'] !== 1);
  const streamIndex = video === undefined ? null : whole(video['index'], 0, 10_000);
  if (video === undefined || streamIndex === null) throw new UnsupportedError('video-without-pictures', 'the file has no pictures, only sound or data');
  const own = lowerCased(tree(video['tags']));
  const find = (...names: readonly string[]): string | null => {
    for (const name of names) {
      const found = text(tags[name]) ?? text(own[name]);
      if (found !== null) return found;
    }
    return null;
  };
  const place = parseIso6709(find('com.apple.quicktime.location.iso6709', 'location', 'location-eng') ?? '');
  return {
    streamIndex,
    facts: {
      container,
      codec: /^[a-z0-9_-]{1,32}$/.exec(text(video['codec_name']) ?? '')?.[0] ?? 'unknown',
      widthPx: whole(video['width'], 0, 0xffff) ?? 0,
      heightPx: whole(video['height'], 0, 0xffff) ?? 0,
      turnDegrees: turnOf(video),
      lengthSeconds: seconds(format['duration']) ?? seconds(video['duration']),
      framesPerSecond: ratio(video['avg_frame_rate']) ?? ratio(video['r_frame_rate']),
      createdAt: timeOf(find('com.apple.quicktime.creationdate')) ?? timeOf(find('creation_time', 'date')),
      latitude: place?.latitude ?? null,
      longitude: place?.longitude ?? null,
      make: find('com.apple.quicktime.make', 'make', 'com.android.manufacturer'),
      model: find('com.apple.quicktime.model', 'model', 'com.android.model'),
      hasAudio: streams.some((one) => one['codec_type'] === 'audio'),
    },
  };
}

function containerOf(formatName: string, brand: string, head: Uint8Array): VideoContainer | null {
  const first = formatName.split(',')[0];
  const latin = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  if (first === 'mov') {
    const file = brand !== '' ? brand : latin.slice(4, 8) === 'ftyp' ? latin.slice(8, 12) : 'qt  ';
    return file.startsWith('qt') ? 'mov' : file.startsWith('3g') ? '3gp' : 'mp4';
  }
  if (first === 'matroska') return latin.includes('webm') ? 'webm' : 'matroska';
  const names: { readonly [name: string]: VideoContainer } = { avi: 'avi', asf: 'asf', mpeg: 'mpeg-ps', mpegts: 'mpeg-ts', mpegvideo: 'mpeg-video', flv: 'flv' };
  return names[first ?? ''] ?? null;
}

/** Degrees clockwise: the display matrix of newer ffmpeg states them counter-clockwise, the tag of older files clockwise. */
function turnOf(video: Tree): number {
  const sides = Array.isArray(video['side_data_list']) ? video['side_data_list'].map(tree) : [];
  const matrix = sides.find((one) => typeof one['rotation'] === 'number')?.['rotation'];
  const turn = typeof matrix === 'number' ? -matrix : Number(text(tree(video['tags'])['rotate']) ?? 0);
  return Number.isInteger(turn / 90) ? (((turn % 360) + 360) % 360) : 0;
}

function timeOf(value: string | null): string | null {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/.exec(value ?? '');
  // 1904 is what an empty time field of QuickTime comes to; 1970 what other writers leave behind.
  if (match === null || match[1]! < '1970-01-02') return null;
  const zone = match[3] ?? 'Z';
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const written = `${match[1]}T${match[2]}${offset}`;
  return Number.isNaN(Date.parse(written)) ? null : written;
}

function tree(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}

function lowerCased(tags: Tree): Tree {
  return Object.fromEntries(Object.entries(tags).slice(0, 500).map(([name, value]) => [name.toLowerCase(), value]));
}

function text(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const clean = value.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim().slice(0, MAX_TEXT);
  return clean === '' ? null : clean;
}

function whole(value: unknown, least: number, most: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : null;
}

/** Seconds up to ten years: a length beyond is a broken header, not a length. */
function seconds(value: unknown): number | null {
  const number = Number(text(value) ?? Number.NaN);
  return number > 0 && number < 316e6 ? Math.round(number * 1000) / 1000 : null;
}

function ratio(value: unknown): number | null {
  const match = /^(\d{1,9})\/(\d{1,9})$/.exec(text(value) ?? '');
  const number = match === null ? Number.NaN : Number(match[1]) / Number(match[2]);
  return number > 0 && number <= 1000 ? Math.round(number * 1000) / 1000 : null;
}
