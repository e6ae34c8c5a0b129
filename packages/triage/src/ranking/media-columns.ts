import type { ItemState } from '@kerbside/evidence';
import { bytesColumn, doublesColumn, floatsColumn, TextArena, wordsColumn } from '../growing-columns.ts';
import { isPlace } from './distance.ts';
import { HASH_WORDS } from './group-near.ts';
import { findHiddenPlace } from './hidden-place.ts';
import { matchCamera, nearestPremises, type PreparedContext } from './prepare-context.ts';
import type { MediaStanding, SeenMedia } from './seen-media.ts';
import { cameraText, textKey } from './text-key.ts';
import { TextTable } from './text-table.ts';
import { GROUP_QUALITY } from './weights.ts';

const STANDINGS: readonly MediaStanding[] = ['unseen', 'known', 'similar'];
const STATES: readonly ItemState[] = ['allocated', 'deleted', 'orphan', 'carved'];

/** No number in a column of words. */
export const NONE = 0xffff_ffff;

/**
 * What the ranking keeps of each item, as columns of numbers: about 150 bytes an item with its path, so that a million
 * take under 200 MB. Reasons that need nothing but the item and the search are settled when it is added.
 */
export class MediaColumns {
  readonly ordinal = doublesColumn();
  readonly standing = bytesColumn();
  readonly state = bytesColumn();
  readonly isVideo = bytesColumn();
  readonly folderKey = doublesColumn();
  /** 0 where make or model is not known. */
  readonly cameraKey = doublesColumn();
  /** NaN where it is not known. */
  readonly capturedAtMs = doublesColumn();
  /** Number of the search's camera, or {@link NONE}; the serial agrees too where the byte beside it is 1. */
  readonly camera = wordsColumn();
  readonly serialAgrees = bytesColumn();
  /** Number of the nearest premises within reach, or {@link NONE}, and how far it is in metres. */
  readonly premises = wordsColumn();
  readonly premisesM = floatsColumn();
  /** Number of the sentence in {@link texts}, 0 where the place is an ordinary one; 1 beside it for a vault. */
  readonly hiddenSentence = wordsColumn();
  readonly isVault = bytesColumn();
  /** {@link NONE} where nobody counted. */
  readonly faces = wordsColumn();
  readonly widthPx = wordsColumn();
  readonly heightPx = wordsColumn();
  /** NaN where it is not known. */
  readonly sizeBytes = doublesColumn();
  readonly format = wordsColumn();
  readonly make = wordsColumn();
  readonly model = wordsColumn();
  readonly software = wordsColumn();
  /** Number of the item's hash, or {@link NONE}. */
  readonly hash = wordsColumn();
  readonly hashWords = wordsColumn();
  /** One column a model of the search, NaN where it did not run. */
  readonly scores: readonly ReturnType<typeof floatsColumn>[];
  readonly texts = new TextTable();
  readonly #context: PreparedContext;
  readonly #arena = new TextArena();
  readonly #folderStart = wordsColumn();
  readonly #nameStart = wordsColumn();
  readonly #nameEnd = wordsColumn();
  #lastFolder = { text: '', key: textKey(''), start: 0, end: 0 };

  constructor(context: PreparedContext) {
    this.#context = context;
    this.scores = context.models.map(() => floatsColumn());
  }

  get length(): number {
    return this.ordinal.length;
  }

  add(media: SeenMedia): void {
    this.ordinal.push(media.ordinal);
    this.standing.push(STANDINGS.indexOf(media.standing));
    this.state.push(STATES.indexOf(media.state));
    this.isVideo.push(media.kind === 'video' ? 1 : 0);
    this.capturedAtMs.push(media.capturedAtMs ?? Number.NaN);
    this.faces.push(media.faces === null ? NONE : Math.min(media.faces, NONE - 1));
    this.widthPx.push(media.widthPx ?? 0);
    this.heightPx.push(media.heightPx ?? 0);
    this.sizeBytes.push(media.sizeBytes ?? Number.NaN);
    this.format.push(this.texts.number(media.format));
    this.software.push(this.texts.number(media.software));
    this.#addPath(media);
    this.#addCamera(media);
    this.#addPlaces(media);
    this.#addHash(media);
    for (const [index, { modelId, label }] of this.#context.models.entries()) {
      const score = media.scores.find((one) => one.modelId === modelId && one.label === label)?.score;
      this.scores[index]!.push(score === undefined || !(score >= 0 && score <= 1) ? Number.NaN : score);
    }
  }

  standingOf(index: number): MediaStanding {
    return STANDINGS[this.standing.at(index)]!;
  }

  stateOf(index: number): ItemState {
    return STATES[this.state.at(index)]!;
  }

  path(index: number): string {
    const name = this.#arena.text(this.#nameStart.at(index), this.#nameEnd.at(index));
    const folder = this.#folderStart.at(index);
    if (folder === NONE) return name;
    // A folder's text stands before its name, with its length in front.
    const length = Buffer.from(this.#arena.bytes(folder, folder + 4)).readUInt32LE();
    return `${this.#arena.text(folder + 4, folder + 4 + length)}/${name}`;
  }

  /** Folders come in runs, so each is kept once a run and the paths of a million items stay small. */
  #addPath(media: SeenMedia): void {
    const isInFolder = media.path.startsWith(`${media.folder}/`);
    if (media.folder !== this.#lastFolder.text || this.#lastFolder.end === 0) {
      const text = Buffer.from(media.folder);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      const start = this.#arena.appendBytes(length);
      this.#arena.appendBytes(text);
      this.#lastFolder = { text: media.folder, key: textKey(media.folder), start, end: this.#arena.length };
    }
    this.folderKey.push(this.#lastFolder.key);
    this.#folderStart.push(isInFolder ? this.#lastFolder.start : NONE);
    this.#nameStart.push(this.#arena.append(isInFolder ? media.path.slice(media.folder.length + 1) : media.path));
    this.#nameEnd.push(this.#arena.length);
  }

  #addCamera(media: SeenMedia): void {
    this.make.push(this.texts.number(media.make));
    this.model.push(this.texts.number(media.model));
    const text = cameraText(media.make, media.model);
    this.cameraKey.push(text === null ? 0 : textKey(text));
    const match = matchCamera(this.#context, media);
    this.camera.push(match?.camera ?? NONE);
    this.serialAgrees.push(match?.serialAgrees === true ? 1 : 0);
  }

  #addPlaces(media: SeenMedia): void {
    const near = media.gps !== null && isPlace(media.gps) ? nearestPremises(this.#context, media.gps) : null;
    this.premises.push(near?.premises ?? NONE);
    this.premisesM.push(near?.distanceM ?? Number.NaN);
    const hidden = findHiddenPlace(media);
    this.hiddenSentence.push(this.texts.number(hidden?.sentence ?? null));
    this.isVault.push(hidden?.level === 'vault' ? 1 : 0);
  }

  #addHash({ pdq }: SeenMedia): void {
    if (pdq === null || pdq.quality < GROUP_QUALITY) {
      this.hash.push(NONE);
      return;
    }
    const view = new DataView(pdq.hash.buffer, pdq.hash.byteOffset, HASH_WORDS * 4);
    this.hash.push(this.hashWords.length / HASH_WORDS);
    for (let word = 0; word < HASH_WORDS; word++) this.hashWords.push(view.getUint32(word * 4));
  }
}
