import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why no clip can be made here, or false. */
export const NO_FFMPEG: string | false = existsSync('/usr/bin/ffmpeg') ? false : 'ffmpeg is not installed';

let encoders: string | null = null;

/** Why a clip in this codec cannot be made here, or false. */
export function lacksEncoder(name: string): string | false {
  if (NO_FFMPEG !== false) return NO_FFMPEG;
  encoders ??= execFileSync('/usr/bin/ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'latin1' });
  return new RegExp(` ${name} `).test(encoders) ? false : `this ffmpeg has no encoder ${name}`;
}

/** Makes clips of generated pictures (test cards, moving fractals) in a folder of its own, which {@link remove} deletes. */
export class TestClips {
  readonly folder = mkdtempSync(join(tmpdir(), 'kerbside-clips-'));
  #made = 0;

  /**
   * @param name with the ending that tells ffmpeg the container
   * @param words ffmpeg's, between program and name
   */
  make(name: string, ...words: readonly string[]): Uint8Array {
    return readFileSync(this.makeFile(name, ...words));
  }

  makeFile(name: string, ...words: readonly string[]): string {
    const path = join(this.folder, `${(this.#made += 1)}-${name}`);
    execFileSync('/usr/bin/ffmpeg', ['-v', 'error', '-nostdin', '-y', ...words, '-threads', '1', path], { stdio: ['ignore', 'ignore', 'inherit'] });
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Words for a generated source of pictures: `testsrc2=s=320x240:r=10:d=6`. */
export function source(description: string): readonly string[] {
  return ['-f', 'lavfi', '-i', description];
}
