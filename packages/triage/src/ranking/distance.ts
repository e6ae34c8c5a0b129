import type { GeoPlace } from './seen-media.ts';

/** Mean radius of the Earth, metres (IUGG R1). */
const EARTH_RADIUS_M = 6_371_008.8;

/** True for a place that can be: finite, in range. Cameras that have no fix write 0, 0, which is open sea. */
export function isPlace(place: GeoPlace): boolean {
  const { latitude, longitude } = place;
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && (latitude !== 0 || longitude !== 0);
}

/** Great-circle distance in metres by the haversine formula; within 0.6 % of the ellipsoid's. */
export function distanceM(a: GeoPlace, b: GeoPlace): number {
  const latitude = radians(b.latitude - a.latitude);
  const longitude = radians(b.longitude - a.longitude);
  const half = Math.sin(latitude / 2) ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(longitude / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(half)));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
