import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Eye } from 'lucide-react';
import { watchProductsMutation } from '@/api/gen/@tanstack/react-query.gen';
import type { WatchRequest, WatchResult } from '@/api/gen/types.gen';
import { say } from '@/components/say';
import { Button } from '@/components/ui/button';
import { type T, useI18n } from '@/i18n';
import type { Formats } from '@/lib/format';
import { forgetSourcing } from './keys';
import { useTriage } from './triage';

type Props = {
  /** What to watch, and under which terms. */
  request: WatchRequest;
  /** Without its word, where there is little room. */
  icon?: boolean;
};

/** Puts products on the watch list by what is known of them, at no token. */
export function WatchButton({ request, icon = false }: Props) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const { undo } = useTriage();
  const watch = useMutation({
    ...watchProductsMutation(),
    onSuccess: (result) => {
      const added = result.products.filter((product) => product.outcome === 'watched');
      const back = {
        label: t('sourcing.undo'),
        run: () => {
          for (const product of added) undo(product.pick_id);
        },
      };
      say(outcomeText(result, t, format), added.length > 0 ? back : undefined);
      return forgetSourcing(client);
    },
  });
  return (
    <Button
      size={icon ? 'icon' : 'sm'}
      kind={icon ? 'ghost' : 'plain'}
      needs="member"
      aria-label={icon ? t('sourcing.action.watch') : undefined}
      disabled={watch.isPending}
      onClick={() => watch.mutate({ body: request })}
    >
      <Eye /> {!icon && t('sourcing.action.watch')}
    </Button>
  );
}

/** What came of it: how many are watched now, were before, or cannot be. */
function outcomeText({ watched, products, rejected }: WatchResult, t: T, format: Formats): string {
  const count = (outcome: string) => products.filter((product) => product.outcome === outcome).length;
  const parts = (
    [
      ['watched', watched],
      ['already', count('already_watched')],
      ['decided', count('decided')],
      ['unknown', rejected.length],
    ] as const
  ).filter(([, number]) => number > 0);
  return parts
    .map(([name, number]) => t(`watch.${name}`, { count: number, number: format.number(number) }))
    .join(' · ');
}
