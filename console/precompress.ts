import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(css|html|js|json|svg)$/;
/** Below this a header costs more than compression saves. */
const SMALLEST = 1024;

const compress = promisify(brotliCompress);

/** Writes `name.br` beside every text file of the bundle, so that the server never compresses them itself. */
export function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    // Only what is written is final: vite still changes the chunks after `generateBundle`.
    async writeBundle({ dir }, bundle) {
      const texts = Object.keys(bundle).filter(name => TEXT.test(name));
      await Promise.all(texts.map(name => writeCompressed(join(dir!, name))));
    },
  };
}

async function writeCompressed(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < SMALLEST) return;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 9,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  await writeFile(`${path}.br`, await compress(bytes, { params }));
}
