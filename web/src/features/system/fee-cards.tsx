import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { listFeeCardsOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { FeeCardSummary } from '@/api/gen/types.gen';
import { Badge, Card, CardTitle, Failure, Skeleton } from '@/components/ui/bits';
import { Cell, Table } from '@/components/ui/table';
import { useI18n } from '@/i18n';
import { isMarket, MARKETS } from '@/lib/markets';
import { FeeCardDrawer } from './fee-card-drawer';

const route = getRouteApi('/system/fee-cards');

/** Amazon's prices as dated cards: which holds when, and what stands in each. */
export default function FeeCardsPage() {
  const { t, format } = useI18n();
  const { card: open } = route.useSearch();
  const navigate = route.useNavigate();
  const cards = useQuery(listFeeCardsOptions());
  const choose = (card: string | undefined) => navigate({ search: card ? { card } : {}, resetScroll: false });
  const heads = [
    { key: 'card', name: t('fees.card') },
    { key: 'market', name: t('fees.market') },
    { key: 'valid', name: t('fees.valid') },
    { key: 'kind', name: t('history.type') },
    { key: 'origin', name: t('fees.origin') },
  ];
  const line = (card: FeeCardSummary) => (
    <tr key={card.id} data-testid="fee-card" className="hover:bg-raised/60">
      <Cell>
        <button
          type="button"
          onClick={() => choose(card.id)}
          className="font-medium text-accent hover:underline"
        >
          {card.id}
        </button>{' '}
        {card.today && <Badge tone="good">{t('fees.today')}</Badge>}
      </Cell>
      <Cell>{isMarket(card.marketplace) ? MARKETS[card.marketplace].name : card.marketplace}</Cell>
      <Cell className="whitespace-nowrap">
        {format.calendar(card.valid_from)} – {format.calendar(card.valid_to)}
      </Cell>
      <Cell>{t(`fees.kind.${card.kind}`)}</Cell>
      <Cell>
        {t(`fees.origins.${card.origin}`)}
        {card.version > 1 && (
          <span className="text-muted"> · {t('rules.version', { version: card.version })}</span>
        )}
      </Cell>
    </tr>
  );
  return (
    <Card>
      <CardTitle>{t('system.pages.feeCards')}</CardTitle>
      <p className="-mt-2 mb-4 max-w-prose text-muted">{t('fees.lead')}</p>
      {cards.isPending ? (
        <Skeleton className="h-48" />
      ) : cards.isError ? (
        <Failure error={cards.error} onRetry={() => cards.refetch()} />
      ) : (
        <Table label={t('system.pages.feeCards')} heads={heads} width="min-w-[40rem]">
          {cards.data.map(line)}
        </Table>
      )}
      {open && <FeeCardDrawer key={open} id={open} onOpen={choose} onClose={() => choose(undefined)} />}
    </Card>
  );
}
