import { MalformedError, problemFrom } from '@kerbside/bytes';
import { hashVideo, openFaceCounter, openModel, readPicture, scorePicture, startDecoders, type Decoders, type CaptureTime, type PictureResult, type VideoResult } from '@kerbside/decode';
import { sniffContent } from '@kerbside/evidence';
import { attachNearIndex, MIN_PDQ_QUALITY, openNearRows, type NearRows } from '@kerbside/match';
import { createContainerDoors } from './container-doors.ts';
import type { ContentSetup } from './content-job.ts';
import type { ContentTools, Decoded } from './content-tools.ts';
import { lookUpPicture } from './look-up-near.ts';
import { lookUpVideo } from './look-up-video.ts';
import { rangesOf } from './ranges-of.ts';
import type { UnpackersByDepth } from './unpack-in-sandbox.ts';

/** Places around which a video that resembles a known one is sampled again, densely. */
const MAX_AROUND = 16;

/** A thumbnail takes half a millisecond; one that takes longer is left to the whole decode, which tells what is wrong with it. */
const GLANCE_TIMEOUT_MS = 1_000;

/** The hands of one content thread. Each kind of worker starts when it is first needed; where the sandbox is not sound, every call says so and nothing is decoded. */
export function createContentTools({ nearIndex, radius, passwords, modelFolder, countsFaces }: ContentSetup): ContentTools {
  const model = modelFolder === null ? null : openModel(modelFolder);
  const faceCounter = countsFaces ? openFaceCounter() : null;
  const index = nearIndex === null ? null : attachNearIndex(nearIndex);
  const rows = new Map<number, NearRows>();
  const pools = new Map<string, Promise<Decoders>>();
  const decoders = (profile: 'picture' | 'tools', purpose: string = profile): Promise<Decoders> => {
    let pool = pools.get(purpose);
    if (pool === undefined) {
      pool = startDecoders({ profile, workers: 1 });
      pools.set(purpose, pool);
    }
    return pool;
  };
  const unpackers: UnpackersByDepth = (depth) => decoders('tools', `unpacking at depth ${depth}`);
  const contentOf = (set: number, row: number): { content: number; seconds: number | null } => {
    let open = rows.get(set);
    if (open === undefined) {
      open = openNearRows(nearIndex!.sets[set]!.facts.path);
      rows.set(set, open);
    }
    return open.row(row);
  };
  return {
    sniff: sniffContent,
    async decodePicture(bytes) {
      const picture = await readPicture(await decoders('picture'), bytes, { mode: 'fast', orientations: index !== null });
      const decoded = decodedPicture(picture, index === null ? [] : picture.hashes.flatMap(({ of, hashes }) => lookUpPicture(index, hashes, of, radius)));
      const faces = faceCounter === null ? null : await faceCounter.count(await decoders('picture'), bytes);
      const scores = model === null ? [] : await scorePicture(await decoders('picture'), model, bytes);
      return { ...decoded, facts: { ...decoded.facts, faces, scores } };
    },
    async glanceAtPicture(head) {
      if (index === null) return null;
      const { hashes } = await readPicture(await decoders('picture'), head, { mode: 'embedded-only', orientations: true, timeoutMs: GLANCE_TIMEOUT_MS });
      const found = hashes.flatMap(({ of, hashes: own }) => lookUpPicture(index, own, of, radius));
      return found.length === 0 ? null : Math.min(...found.map(({ distance }) => distance));
    },
    async decodeVideo(content) {
      const pool = await decoders('tools');
      const video = await hashVideo(pool, rangesOf(content.source));
      if (index === null) return decodedVideo(video, []);
      const first = lookUpVideo(index, video.frames, radius, contentOf);
      const around = [...new Set(first.leads.flatMap(({ seconds }) => seconds))].slice(0, MAX_AROUND);
      if (around.length === 0) return decodedVideo(video, first.near);
      const dense = await hashVideo(pool, rangesOf(content.source), { around });
      return decodedVideo(video, lookUpVideo(index, [...video.frames, ...dense.frames], radius, contentOf).near);
    },
    ...createContainerDoors(passwords, unpackers),
    async close() {
      for (const open of rows.values()) open.close();
      for (const pool of pools.values()) await pool.then((one) => one.close()).catch(() => undefined);
    },
  };
}

const NO_FACTS: Omit<Decoded['facts'], 'kind' | 'format' | 'width' | 'height'> = {
  frames: 1, seconds: null, damaged: null, takenAt: null, latitude: null, longitude: null, make: null, model: null, serial: null, software: null, hash: null, quality: 0, thumbnailDiffers: false, faces: null, scores: [],
};

/** Of all that was hashed in the file, the nearest for each set: the picture itself where it is as near as what is embedded. */
function decodedPicture(picture: PictureResult, found: Decoded['near']): Decoded {
  const { format, width, height, frames, damaged, exif, hashes, thumbnailDiffers } = picture;
  const best = hashes.find(({ of }) => of === 'picture') ?? hashes[0];
  const own = best?.hashes.dialects['512nn'];
  const near = [...Map.groupBy(found, ({ set }) => set).values()].map((group) => group.reduce((one, other) => (other.distance < one.distance ? other : one)));
  return {
    facts: {
      ...NO_FACTS,
      kind: 'picture',
      format,
      width,
      height,
      frames,
      damaged,
      takenAt: captureText(exif?.capturedAt ?? null),
      latitude: exif?.gps?.latitude ?? null,
      longitude: exif?.gps?.longitude ?? null,
      make: exif?.make ?? null,
      model: exif?.model ?? null,
      serial: exif?.bodySerial ?? null,
      software: exif?.software ?? null,
      hash: own === undefined ? null : Buffer.from(own.hash).toString('hex'),
      quality: own?.quality ?? 0,
      thumbnailDiffers: thumbnailDiffers === true,
    },
    near,
    problems: damaged === null ? [] : [problemFrom(new MalformedError('picture-damaged', damaged))],
    isComparable: hashes.some(({ hashes: { dialects } }) => Math.max(dialects['512nn'].quality, dialects.full.quality) >= MIN_PDQ_QUALITY),
  };
}

function captureText(captured: CaptureTime | null): string | null {
  if (captured === null) return null;
  const { local, offsetMinutes } = captured;
  if (offsetMinutes === null) return local;
  const size = Math.abs(offsetMinutes);
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
}

function decodedVideo({ facts, frames, damage, problems }: VideoResult, near: Decoded['near']): Decoded {
  const best = frames.reduce<VideoResult['frames'][number] | null>((one, frame) => (one === null || frame.quality > one.quality ? frame : one), null);
  const isWhole = damage.errors === 0 && damage.unreadableBytes === 0 && !damage.cutOff && damage.reachedEnd;
  return {
    facts: {
      ...NO_FACTS,
      kind: 'video',
      format: facts.container,
      width: facts.widthPx,
      height: facts.heightPx,
      frames: frames.length,
      seconds: facts.lengthSeconds,
      damaged: isWhole ? null : `${damage.errors} faults met${damage.cutOff ? ', cut off' : ''}${damage.reachedEnd ? '' : ', not decoded to its end'}${damage.firstError === null ? '' : ` (${damage.firstError})`}`,
      takenAt: facts.createdAt,
      latitude: facts.latitude,
      longitude: facts.longitude,
      make: facts.make,
      model: facts.model,
      hash: best === null ? null : Buffer.from(best.hashes['512nn'].hash).toString('hex'),
      quality: best?.quality ?? 0,
    },
    near,
    problems,
    isComparable: frames.some(({ quality }) => quality >= MIN_PDQ_QUALITY),
  };
}
