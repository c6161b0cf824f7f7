import { useQuery } from '@tanstack/react-query';
import { listCategoriesOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { FeeCard, SizeTier } from '@/api/gen/types.gen';
import { Cell, Table } from '@/components/ui/table';
import { useI18n } from '@/i18n';

const PART = 'mb-2 font-semibold text-[15px]';

/** What stands in a fee card, in tables. */
export function FeeCardView({ card }: { card: FeeCard }) {
  const { t, format } = useI18n();
  const categories = useQuery({
    ...listCategoriesOptions({ query: { marketplace: card.marketplace } }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const names = new Map(categories.data?.map((one) => [one.id, one.name]));
  const roots = (ids: number[]) => ids.map((id) => names.get(id) ?? String(id)).join(', ');
  const money = (minor: number) => format.money(minor, card.currency);
  const percent = (text: string) => format.percent(Number(text), Number.isInteger(Number(text)) ? 0 : 1);
  return (
    <div className="grid gap-6">
      <dl className="num grid grid-cols-2 gap-x-4 gap-y-2 text-[13px] sm:grid-cols-3">
        {(
          [
            [t('fees.valid'), `${format.calendar(card.valid_from)} – ${format.calendar(card.valid_to)}`],
            [t('fees.confidence'), card.confidence],
            [t('fees.divisor'), card.dimensional_divisor],
          ] as const
        ).map(([name, value]) => (
          <div key={name}>
            <dt className="text-muted text-xs">{name}</dt>
            <dd className="font-medium">{value}</dd>
          </div>
        ))}
      </dl>
      <Tier name={t('fees.small')} tier={card.small_standard} card={card} />
      <Tier name={t('fees.large')} tier={card.large_standard} card={card} />
      {card.surcharges && card.surcharges.length > 0 && (
        <section>
          <h3 className={PART}>{t('fees.surcharges')}</h3>
          <ul className="num grid gap-1">
            {card.surcharges.map((one) => (
              <li key={one.from}>
                {t('fees.surcharge', { percent: percent(one.percent), from: format.calendar(one.from) })}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3 className={PART}>{t('fees.referral')}</h3>
        <p className="num mb-2 text-muted text-xs">
          {t('fees.minimum', { amount: money(card.referral.minimum) })}
          {card.referral.no_minimum.length > 0 &&
            ` · ${t('fees.noMinimum', { categories: roots(card.referral.no_minimum) })}`}
        </p>
        <Table
          label={t('fees.referral')}
          heads={[
            { key: 'categories', name: t('fees.categories') },
            { key: 'rate', name: t('fees.rate') },
          ]}
        >
          {card.referral.rules.map((rule) => (
            <tr key={rule.root_categories.join()}>
              <Cell>{rule.root_categories.length > 0 ? roots(rule.root_categories) : t('fees.others')}</Cell>
              <Cell>
                {rule.steps
                  .map((step) =>
                    step.up_to == null
                      ? percent(step.percent)
                      : t('fees.upTo', { percent: percent(step.percent), amount: money(step.up_to) }),
                  )
                  .join(' · ')}
              </Cell>
            </tr>
          ))}
        </Table>
      </section>
      <section className="num">
        <h3 className={PART}>{t('fees.closing')}</h3>
        <p>
          {t('fees.closingText', {
            amount: money(card.closing.fee),
            categories: roots(card.closing.root_categories),
          })}
        </p>
      </section>
      <section>
        <h3 className={PART}>{t('fees.storage')}</h3>
        <Table
          label={t('fees.storage')}
          heads={[
            { key: 'size', name: t('fees.size') },
            { key: 'normal', name: t('fees.normal'), right: true },
            {
              key: 'high',
              name: t('fees.high', {
                months: card.storage.high_months.map((one) => format.month(one)).join(', '),
              }),
              right: true,
            },
          ]}
        >
          {(['standard', 'beyond_standard'] as const).map((size) => (
            <tr key={size}>
              <Cell>{t(`fees.${size}`)}</Cell>
              <Cell right>{money(card.storage[size].normal)}</Cell>
              <Cell right>{money(card.storage[size].high)}</Cell>
            </tr>
          ))}
        </Table>
      </section>
    </div>
  );
}

/** A size tier: what fits, and its fees by weight and price. */
function Tier({ name, tier, card }: { name: string; tier: SizeTier; card: FeeCard }) {
  const { t, format } = useI18n();
  const money = (minor: number) => format.money(minor, card.currency);
  const [low = 0, high = 0] = card.price_bands;
  const heads = [
    { key: 'weight', name: t('fees.weight') },
    { key: 'low', name: t('fees.below', { amount: money(low) }), right: true },
    { key: 'middle', name: t('fees.bandTo', { amount: money(high) }), right: true },
    { key: 'high', name: t('fees.above', { amount: money(high) }), right: true },
  ];
  return (
    <section>
      <h3 className={PART}>{name}</h3>
      <p className="num mb-2 text-muted text-xs">
        {t('fees.fits', { sides: tier.max_sides_in.join(' × '), weight: tier.max_weight_oz })}
      </p>
      <Table label={name} heads={heads}>
        {tier.rows.map((row) => (
          <tr key={row.up_to_oz}>
            <Cell>{t('fees.ounces', { weight: row.up_to_oz })}</Cell>
            {heads.slice(1).map((head, band) => (
              <Cell key={head.key} right>
                {row.fee[band] === undefined ? '—' : money(row.fee[band])}
              </Cell>
            ))}
          </tr>
        ))}
        {tier.beyond && (
          <tr>
            <Cell>{t('fees.beyond', { step: tier.beyond.step_oz, fee: money(tier.beyond.step_fee) })}</Cell>
            {heads.slice(1).map((head, band) => (
              <Cell key={head.key} right>
                {tier.beyond?.fee[band] === undefined ? '—' : money(tier.beyond.fee[band])}
              </Cell>
            ))}
          </tr>
        )}
      </Table>
    </section>
  );
}
