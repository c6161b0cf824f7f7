import { useQuery } from '@tanstack/react-query';
import { Coins } from 'lucide-react';
import { getTokensOptions } from '@/api/gen/@tanstack/react-query.gen';
import { Skeleton } from '@/components/ui/bits';
import { useI18n } from '@/i18n';

/** The token balance, on every page. */
export function TokenPill() {
  const { t, format } = useI18n();
  const tokens = useQuery({ ...getTokensOptions(), refetchInterval: 30_000 });
  if (tokens.isPending) return <Skeleton className="h-8 w-24" />;
  const { balance, capacity, refill_rate } = tokens.data ?? {};
  const low = balance != null && balance < 20;
  const more = t('tokens.pill', { capacity: format.number(capacity), rate: format.number(refill_rate) });
  return (
    <span
      title={more}
      data-testid="balance"
      className={`num flex h-8 items-center gap-1.5 rounded-lg border bg-panel px-2.5 font-medium text-[13px] ${low ? 'text-bad' : ''}`}
    >
      <Coins aria-hidden className="size-4 text-muted" />
      {format.number(balance)}{' '}
      <span className="font-normal text-muted max-sm:sr-only">{t('tokens.unit')}</span>
      <span className="sr-only">{more}</span>
    </span>
  );
}
