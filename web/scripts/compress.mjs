// Writes a .br and a .gz beside every text file of the built app, so that nobody compresses while serving.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = path.join(import.meta.dirname, '..', 'dist');
const TEXT = /\.(html|js|css|svg|json|txt|webmanifest)$/;

for (const entry of readdirSync(dist, { recursive: true })) {
  const file = path.join(dist, entry);
  if (!TEXT.test(file) || !statSync(file).isFile()) continue;
  const bytes = readFileSync(file);
  const brotli = {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  };
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, brotli));
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}
