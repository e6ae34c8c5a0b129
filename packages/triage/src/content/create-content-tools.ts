import { MalformedError, MediumError, problemFrom, type RandomAccessSource } from '@kerbside/bytes';
import { hashVideo, openFaceCounter, openModel, readPicture, scorePicture, unpackToTar, startDecoders, type Decoders, type CaptureTime, type DecodeContent, type PictureResult, type VideoResult } from '@kerbside/decode';
import { openContainer, readBackup, readTarStream, sniffContent, type ContainerBudget, type ContainerEvent } from '@kerbside/evidence';
import { attachNearIndex, MIN_PDQ_QUALITY, openNearRows, type NearRows } from '@kerbside/match';
import type { ContentSetup } from './content-job.ts';
import type { Content, ContentTools, Decoded } from './content-tools.ts';
import { lookUpPicture } from './look-up-near.ts';
import { lookUpVideo } from './look-up-video.ts';

/** Places around which a video that resembles a known one is sampled again, densely. */
const MAX_AROUND = 16;

/** The hands of one content thread. Each kind of worker starts when it is first needed; where the sandbox is not sound, every call says so and nothing is decoded. */
export function createContentTools({ nearIndex, radius, passwords, modelFolder, countsFaces }: ContentSetup): ContentTools {
  const model = modelFolder === null ? null : openModel(modelFolder);
  const faceCounter = countsFaces ? openFaceCounter() : null;
  const index = nearIndex === null ? null : attachNearIndex(nearIndex);
  const rows = new Map<number, NearRows>();
  const pools = new Map<'picture' | 'tools', Promise<Decoders>>();
  const decoders = (profile: 'picture' | 'tools'): Promise<Decoders> => {
    let pool = pools.get(profile);
    if (pool === undefined) {
      pool = startDecoders({ profile, workers: 1 });
      pools.set(profile, pool);
    }
    return pool;
  };
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
    async decodeVideo(content) {
      const pool = await decoders('tools');
      const video = await hashVideo(pool, rangesOf(content));
      if (index === null) return decodedVideo(video, []);
      const first = lookUpVideo(index, video.frames, radius, contentOf);
      const around = [...new Set(first.leads.flatMap(({ seconds }) => seconds))].slice(0, MAX_AROUND);
      if (around.length === 0) return decodedVideo(video, first.near);
      const dense = await hashVideo(pool, rangesOf(content), { around });
      return decodedVideo(video, lookUpVideo(index, [...video.frames, ...dense.frames], radius, contentOf).near);
    },
    openContainer: (kind, content, budget) => (UNPACKED.has(kind) ? unpacked(decoders('tools'), content, budget) : openWithPasswords(kind, content.source, budget, passwords)),
    openPhoneBackup: (folder) => openBackupWithPasswords(folder, passwords),
    openTarStream: readTarStream,
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

async function* openBackupWithPasswords(folder: (names: readonly string[]) => RandomAccessSource | null, passwords: readonly string[]): AsyncGenerator<ContainerEvent> {
  for (const [tried, password] of [...passwords, null].entries()) {
    let isWrong = false;
    for await (const event of readBackup(folder, { password })) {
      isWrong = event.type === 'problem' && event.problem.code === 'backup-password-wrong';
      if (isWrong && tried < passwords.length - 1) break;
      yield event;
    }
    if (!isWrong || tried >= passwords.length - 1) return;
  }
}

/** Archives that no reader of ours opens: a tool in the sandbox turns them into a TAR. */
const UNPACKED: ReadonlySet<string> = new Set(['archive/rar4', 'archive/rar5']);

async function* unpacked(decoders: Promise<Decoders>, content: Content, budget: ContainerBudget): AsyncGenerator<ContainerEvent> {
  yield* readTarStream(unpackToTar(await decoders, rangesOf(content), { countBytes: (bytes) => budget.countExpanded(bytes) }), budget);
}

/** The first password that opens it; with none, what it is without. */
async function* openWithPasswords(kind: string, source: RandomAccessSource, budget: ContainerBudget, passwords: readonly string[]): AsyncGenerator<ContainerEvent> {
  if (kind !== 'backup/android' || passwords.length === 0) {
    yield* openContainer(kind, source, budget, null);
    return;
  }
  for (const [tried, password] of passwords.entries()) {
    let isWrong = false;
    for await (const event of openContainer(kind, source, budget, password)) {
      isWrong = event.type === 'problem' && event.problem.code === 'backup-password-wrong';
      if (isWrong && tried < passwords.length - 1) break;
      yield event;
    }
    if (!isWrong) return;
  }
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

/** Ranges of a content for a decoder, which is told where the medium gives nothing. */
function rangesOf({ source }: Content): Exclude<DecodeContent, { bytes: Uint8Array }> {
  return { sizeBytes: source.sizeBytes, readAt: (offset, length) => readRange(source, offset, length) };
}

function readRange(source: RandomAccessSource, offset: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(length);
  const [unread] = source.readInto(bytes, offset);
  if (unread !== undefined) throw new MediumError('unreadable-bytes', `${unread.length} bytes could not be read`);
  return bytes;
}
