import { distanceM } from './distance.ts';
import type { Premises, RankingModel, SearchContext } from './search-context.ts';
import type { GeoPlace, SeenMedia } from './seen-media.ts';
import { cameraText, serialText } from './text-key.ts';
import { FAR_PREMISES_M } from './weights.ts';

/** The search's facts, in the form in which items are compared with them. */
export interface PreparedContext {
  readonly cameras: readonly { readonly text: string; readonly serial: string | null; readonly namedAs: string }[];
  readonly premises: readonly Premises[];
  readonly models: readonly RankingModel[];
}

export function prepareContext(context: SearchContext): PreparedContext {
  return {
    cameras: context.cameras.flatMap((camera) => {
      const text = cameraText(camera.make, camera.model);
      return text === null ? [] : [{ text, serial: serialText(camera.serial), namedAs: camera.namedAs }];
    }),
    premises: context.premises,
    models: context.models,
  };
}

/**
 * The camera of the search that made an item: the same serial before the same model alone, then the first named. Where
 * both serials are known and differ it is another camera.
 */
export function matchCamera(context: PreparedContext, media: Pick<SeenMedia, 'make' | 'model' | 'serial'>): { readonly camera: number; readonly serialAgrees: boolean } | null {
  const text = cameraText(media.make, media.model);
  if (text === null) return null;
  const serial = serialText(media.serial);
  let byModel: number | null = null;
  for (const [camera, one] of context.cameras.entries()) {
    if (one.text !== text) continue;
    if (serial !== null && one.serial === serial) return { camera, serialAgrees: true };
    if (serial === null || one.serial === null) byModel ??= camera;
  }
  return byModel === null ? null : { camera: byModel, serialAgrees: false };
}

/** The nearest premises within {@link FAR_PREMISES_M}. */
export function nearestPremises(context: PreparedContext, place: GeoPlace): { readonly premises: number; readonly distanceM: number } | null {
  let nearest: { premises: number; distanceM: number } | null = null;
  for (const [premises, one] of context.premises.entries()) {
    const distance = distanceM(one, place);
    if (distance <= FAR_PREMISES_M && (nearest === null || distance < nearest.distanceM)) nearest = { premises, distanceM: distance };
  }
  return nearest;
}
