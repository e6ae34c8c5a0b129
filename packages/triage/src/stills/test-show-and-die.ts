/* Started by show-still.test.ts: asks for a still and is killed before it is made, or before it is shown. */
import { readFileSync } from 'node:fs';
import { openStillStore } from './still-store.ts';
import { showStill } from './show-still.ts';
import { answeringDecoders, openItem } from './test-run.ts';

const [runFolder, home, answer, when] = process.argv.slice(2) as [string, string, string, string];
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive');
};
const store = openStillStore(runFolder, home);
await showStill(
  {
    runFolder,
    name: { path: 'new.png', id: null },
    mode: 'drawing',
    officer: 'PC Test',
    login: 'test',
    showKnown: false,
    store,
    openItem,
    decoders: () => Promise.resolve(when === 'before-making' ? { run: die } : answeringDecoders(readFileSync(answer))),
  },
  die,
);
