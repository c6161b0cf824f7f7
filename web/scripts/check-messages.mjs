// Both languages say everything, with the same values in it, and nothing that no page asks for.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const src = path.join(import.meta.dirname, '..', 'src');
const read = (language) => flat(JSON.parse(readFileSync(path.join(src, 'i18n', `${language}.json`), 'utf8')));
const [en, fr] = [read('en'), read('fr')];
const faults = [];

function flat(tree, prefix = '') {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'string' ? [[prefix + key, value]] : [...flat(value, `${prefix}${key}.`)],
    ),
  );
}

const values = (text) =>
  [...text.matchAll(/\{\{\s*(\w+)/g)]
    .map((found) => found[1])
    .sort()
    .join();

for (const [key, text] of en) {
  if (!fr.has(key)) faults.push(`fr.json lacks ${key}`);
  else if (values(text) !== values(fr.get(key))) faults.push(`${key} has other values in fr.json`);
  if (text.trim() === '' || fr.get(key)?.trim() === '') faults.push(`${key} is empty`);
}
for (const key of fr.keys()) if (!en.has(key)) faults.push(`en.json lacks ${key}`);

// What the sources ask for: t('a.b'), and t(`a.${x}`) for everything below a.
const code = readdirSync(src, { recursive: true })
  .filter((file) => /\.tsx?$/.test(file) && !file.includes('gen/'))
  .map((file) => readFileSync(path.join(src, file), 'utf8'))
  .join('\n');
const used = new Set([...code.matchAll(/'([a-z]\w*(?:\.\w+)+)'/gi)].map((found) => found[1]));
const begun = [...code.matchAll(/`([a-z]\w*(?:\.\w+)*\.)\$\{/gi)].map((found) => found[1]);
for (const key of en.keys()) {
  const base = key.replace(/_(zero|one|two|few|many|other)$/, '');
  if (!used.has(base) && !begun.some((prefix) => base.startsWith(prefix)))
    faults.push(`${key} is never shown`);
}

for (const fault of faults) console.error(fault);
console.log(`messages: ${en.size} in en.json, ${fr.size} in fr.json, ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
