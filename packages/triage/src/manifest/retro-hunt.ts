/* What the rematch command and makers of manifests use; it loads through `retro-hunt-door.ts`. */
export { completeDestructions } from './destroy-manifest.ts';
export { DESTRUCTION_LOG_NAME, openDestructionLog } from './destruction-log.ts';
export { expireManifests, listManifests } from './expire-manifests.ts';
export { createManifestWriter } from './manifest-writer.ts';
export { openAskableSet } from './open-askable-set.ts';
export { rematchManifests } from './rematch-manifests.ts';
export { rematchOutcome } from './rematch-outcome.ts';
