import { MalformedError, type JsonObject, type JsonValue } from '@kerbside/bytes';
import { VIDEO_CONTAINERS, type VideoFacts } from './video-facts.ts';

/** Damage of a clip, as far as it was met. */
export interface VideoDamage {
  /** Complaints of the decoder. */
  readonly errors: number;
  /** The first of them: printable ASCII, at most 160 characters. */
  readonly firstError: string | null;
  /** Bytes that the medium could not give, of those that were asked for; they were decoded as zeros. */
  readonly unreadableBytes: number;
  /** The container points behind the end of the content. */
  readonly cutOff: boolean;
  /** Every pass came to its end. */
  readonly reachedEnd: boolean;
}

/** @returns MalformedError `decoder-lied`: the sandbox answered with what it never sends */
export function lied(what: string): MalformedError {
  return new MalformedError('decoder-lied', `the sandbox answered with ${what}`);
}

/**
 * Checks the facts that came out of the sandbox, field by field, and copies what it knows.
 *
 * @throws MalformedError `decoder-lied`
 */
export function checkFacts(value: JsonValue | undefined): VideoFacts {
  const json = object(value, 'facts');
  const container = VIDEO_CONTAINERS.find((one) => one === json['container']);
  if (container === undefined) throw lied('a container that is none');
  const point = { latitude: number(json, 'latitude', -90, 90), longitude: number(json, 'longitude', -180, 180) };
  if ((point.latitude === null) !== (point.longitude === null)) throw lied('half a place');
  return {
    container,
    codec: text(json, 'codec', /^[a-z0-9_-]{1,32}$/) ?? 'unknown',
    widthPx: count(json, 'widthPx', 0xffff),
    heightPx: count(json, 'heightPx', 0xffff),
    turnDegrees: turn(json['turnDegrees']),
    lengthSeconds: number(json, 'lengthSeconds', 0, 316e6),
    framesPerSecond: number(json, 'framesPerSecond', 0, 1000),
    createdAt: text(json, 'createdAt', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/),
    ...point,
    make: text(json, 'make', /^[^\p{C}\p{Zl}\p{Zp}]{1,80}$/u),
    model: text(json, 'model', /^[^\p{C}\p{Zl}\p{Zp}]{1,80}$/u),
    hasAudio: flag(json, 'hasAudio'),
  };
}

/** @throws MalformedError `decoder-lied` */
export function checkDamage(value: JsonValue | undefined): VideoDamage {
  const json = object(value, 'damage');
  return {
    errors: count(json, 'errors', Number.MAX_SAFE_INTEGER),
    firstError: text(json, 'firstError', /^[\x20-\x7e]{0,160}$/),
    unreadableBytes: count(json, 'unreadableBytes', Number.MAX_SAFE_INTEGER),
    cutOff: flag(json, 'cutOff'),
    reachedEnd: flag(json, 'reachedEnd'),
  };
}

export function count(json: JsonObject, name: string, most: number): number {
  const value = json[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most) throw lied(`a number out of bounds: ${name}`);
  return value;
}

export function flag(json: JsonObject, name: string): boolean {
  const value = json[name];
  if (typeof value !== 'boolean') throw lied(`neither yes nor no: ${name}`);
  return value;
}

export function object(value: JsonValue | undefined, name: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw lied(`no ${name}`);
  return value as JsonObject;
}

/** A number within bounds, or null. */
export function number(json: JsonObject, name: string, least: number, most: number): number | null {
  const value = json[name];
  if (value === null) return null;
  if (typeof value !== 'number' || !(value >= least && value <= most)) throw lied(`a number out of bounds: ${name}`);
  return value;
}

function text(json: JsonObject, name: string, form: RegExp): string | null {
  const value = json[name];
  if (value === null) return null;
  if (typeof value !== 'string' || !form.test(value)) throw lied(`a text of another form: ${name}`);
  return value;
}

function turn(value: JsonValue | undefined): number {
  if (value !== 0 && value !== 90 && value !== 180 && value !== 270) throw lied('a turn that is none');
  return value;
}
