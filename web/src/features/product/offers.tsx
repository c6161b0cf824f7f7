import type { ProductOffer } from '@/api/gen/types.gen';
import { Badge } from '@/components/ui/bits';
import { useI18n } from '@/i18n';

type Props = { offers: ProductOffer[] | null | undefined; currency: string };

/** The live offers as they were bought; that none were bought is said, and is not the same as none. */
export function Offers({ offers, currency }: Props) {
  const { t, format } = useI18n();
  if (offers == null) return <p className="text-muted">{t('offers.notBought')}</p>;
  if (offers.length === 0) return <p className="text-muted">{t('offers.none')}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="overflow-x-auto" tabIndex={0} aria-label={t('offers.title')}>
      <table className="num w-full min-w-96 text-left">
        <thead className="text-muted text-xs">
          <tr>
            <th scope="col" className="py-1.5 pr-3 font-medium">
              {t('discover.condition')}
            </th>
            <th scope="col" className="py-1.5 pr-3 text-right font-medium">
              {t('offers.price')}
            </th>
            <th scope="col" className="py-1.5 pr-3 font-medium">
              {t('offers.seller')}
            </th>
            <th scope="col" className="py-1.5 text-right font-medium">
              {t('offers.seen')}
            </th>
          </tr>
        </thead>
        <tbody>
          {offers.map((offer, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: offers have no id and are never moved
            <tr key={index} className="border-t align-top">
              <td className="py-2 pr-3">
                {offer.condition ? t(`offers.condition.${offer.condition}`) : '—'}
                {offer.comment && (
                  <span className="line-clamp-2 block max-w-64 text-muted text-xs" title={offer.comment}>
                    {offer.comment}
                  </span>
                )}
              </td>
              <td className="py-2 pr-3 text-right font-medium">{format.money(offer.price, currency)}</td>
              <td className="py-2 pr-3">
                <span className="flex flex-wrap items-center gap-1.5">
                  {offer.amazon ? 'Amazon' : (offer.seller_id ?? '—')}
                  {offer.fba != null && !offer.amazon && <Badge>{offer.fba ? 'FBA' : 'FBM'}</Badge>}
                  {offer.prime && <Badge>Prime</Badge>}
                </span>
              </td>
              <td className="py-2 text-right text-muted text-xs">{format.ago(offer.seen_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
