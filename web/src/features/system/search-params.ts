import * as z from 'zod/mini';

const page = z.optional(z.int().check(z.minimum(1), z.maximum(1_000_000)));

const shapes = {
  caches: {
    cache: z.optional(z.literal('scoring')),
    state: z.optional(z.enum(['live', 'expired'])),
    asin: z.optional(z.string().check(z.maxLength(20))),
    sort: z.optional(z.enum(['expires', 'hits', 'key'])),
    reverse: z.optional(z.literal(true)),
    page,
  },
  alerts: { all: z.optional(z.literal(true)) },
  notifications: { channel: z.optional(z.string().check(z.maxLength(36))) },
  feeCards: { card: z.optional(z.string().check(z.maxLength(100))) },
};

type Shapes = typeof shapes;
type Search<S> = { -readonly [K in keyof S]?: S[K] extends z.ZodMiniType<infer T> ? T : never };

export type CachesSearch = Search<Shapes['caches']>;

/** What of an address makes sense; the rest is left out. */
function reader<S extends Record<string, z.ZodMiniType>>(shape: S) {
  return (search: Record<string, unknown>): Search<S> => {
    const read: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(shape)) {
      const found = z.safeParse(schema, search[name]);
      if (found.success && found.data !== undefined) read[name] = found.data;
    }
    return read as Search<S>;
  };
}

export const readCachesSearch = reader(shapes.caches);
export const readAlertsSearch = reader(shapes.alerts);
export const readNotificationsSearch = reader(shapes.notifications);
export const readFeeCardsSearch = reader(shapes.feeCards);
