/** A program for tests that are killed: destroys the expired manifests of a folder. */
import { expireManifests, listManifests } from './expire-manifests.ts';
import { destroyerIn, NOW } from './test-manifests.ts';

const [folder = '', home = ''] = process.argv.slice(2);
process.stdout.write('ready\n');
expireManifests(listManifests(folder), destroyerIn(home), NOW);
