import * as z from 'zod/mini';

const day = z.optional(z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/)));
const fields = {
  from: day,
  to: day,
  type: z.optional(z.enum(['discovery', 'scoring', 'autosourcing'])),
  source: z.optional(z.enum(['frontend', 'api', 'manual'])),
  /** Whose searches: the id of an account. */
  user: z.optional(z.string().check(z.maxLength(36))),
  text: z.optional(z.string().check(z.maxLength(200))),
};

export type HistorySearch = { -readonly [K in keyof typeof fields]?: z.infer<(typeof fields)[K]> };

/** What of an address makes sense; the rest is left out. */
export function readHistorySearch(search: Record<string, unknown>): HistorySearch {
  const read: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(fields)) {
    const found = z.safeParse(schema as z.ZodMiniType, search[name]);
    if (found.success && found.data !== undefined) read[name] = found.data;
  }
  return read as HistorySearch;
}
