import type { Channel, ChannelDraftWritable } from '@/api/gen/types.gen';

/** Every kind of news, by family. */
export const FAMILIES = {
  run: ['run.done', 'run.empty', 'run.budget', 'run.failed', 'run.cancelled'],
  pick: ['pick.jackpot', 'pick.stable'],
  tokens: ['tokens.low'],
  alert: ['alert.raised', 'alert.cleared'],
} as const;

export type Family = keyof typeof FAMILIES;
export type NewsKind = (typeof FAMILIES)[Family][number];

export const FAMILY_NAMES = Object.keys(FAMILIES) as Family[];

/** The kinds that a channel's list takes in: a family stands for all of its own. */
export function kindsOf(events: readonly string[]): NewsKind[] {
  return FAMILY_NAMES.flatMap((family) =>
    FAMILIES[family].filter((kind) => events.includes(kind) || events.includes(family)),
  );
}

/** The shortest list that takes in these kinds; a whole family takes in what it may get later, too. */
export function eventsOf(kinds: readonly NewsKind[]): string[] {
  return FAMILY_NAMES.flatMap((family): string[] => {
    const chosen = FAMILIES[family].filter((kind) => kinds.includes(kind));
    return chosen.length === FAMILIES[family].length ? [family] : chosen;
  });
}

/** A channel as one would send it: without what the server adds. */
export function draftOf({ id, secret, created_at, updated_at, ...draft }: Channel): ChannelDraftWritable {
  return draft;
}
