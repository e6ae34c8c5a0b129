import { LimitError, MalformedError, MediumError, UnsupportedError, type JsonObject, type KerbsideError } from '@kerbside/bytes';
import { MAX_FAILURE_MESSAGE_CHARACTERS } from './limits.ts';

const CODE_SHAPE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_CODE_CHARACTERS = 64;
/** Control characters, line ends and marks that turn the direction of text: none belongs in a sentence. */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A fault of the content as it travels from the worker. */
export function failureJson({ kind, code, message }: KerbsideError): JsonObject {
  return { kind, code, message: message.slice(0, MAX_FAILURE_MESSAGE_CHARACTERS) };
}

/**
 * Makes an error again from what a worker sent. Null when it is not one that a worker may send:
 * only `malformed`, `unsupported`, `limit` and `medium` are faults of content.
 */
export function readFailure(json: JsonObject): KerbsideError | null {
  const { kind, code, message } = json;
  if (typeof kind !== 'string' || typeof code !== 'string' || typeof message !== 'string') return null;
  if (Object.keys(json).length !== 3 || code.length > MAX_CODE_CHARACTERS || !CODE_SHAPE.test(code)) return null;
  if (message.length > MAX_FAILURE_MESSAGE_CHARACTERS) return null;
  const sentence = showable(message);
  switch (kind) {
    case 'malformed':
      return new MalformedError(code, sentence);
    case 'unsupported':
      return new UnsupportedError(code, sentence);
    case 'limit':
      return new LimitError(code, sentence);
    case 'medium':
      return new MediumError(code, sentence);
    default:
      return null;
  }
}

/** Text from a worker without what could disturb a terminal or a page. */
export function showable(text: string): string {
  return text.replaceAll(UNSHOWABLE, ' ');
}
