import type { Dispatch, SetStateAction } from 'react';
import { Field, Input, Select, SwitchLine } from '@/components/ui/fields';
import { useI18n } from '@/i18n';
import { currencyOf, MARKETS, type Market } from '@/lib/markets';
import { CategoryPicker } from './category-picker';
import type { Draft, Wrong } from './draft';
import { MOST_FOUND, MOST_SCORED } from './search-params';

type Props = {
  draft: Draft;
  setDraft: Dispatch<SetStateAction<Draft>>;
  wrong: Wrong;
  /** Whether one may choose to find products without scoring them. */
  mayFind?: boolean;
  /** The strategy is chosen elsewhere. */
  withoutStrategy?: boolean;
};

/** What to look for, field by field, each with what is wrong with it. */
export function FilterFields({ draft, setDraft, wrong, mayFind, withoutStrategy }: Props) {
  const { t, format } = useI18n();
  const set = <K extends keyof Draft>(name: K, value: Draft[K]) =>
    setDraft((old) => ({ ...old, [name]: value }));
  const currency = currencyOf(draft.market);
  const error = (name: keyof Draft) => {
    const what = wrong[name];
    return (
      what && t(`discover.wrong.${what}`, { most: format.number(draft.find ? MOST_FOUND : MOST_SCORED) })
    );
  };
  const text = (
    name: 'bsr_min' | 'bsr_max' | 'price_min' | 'price_max' | 'cost' | 'limit',
    label: string,
    hint?: string,
  ) => (
    <Field label={label} error={error(name)} hint={hint}>
      {(attributes) => (
        <Input
          {...attributes}
          name={name}
          inputMode={name.startsWith('bsr') || name === 'limit' ? 'numeric' : 'decimal'}
          value={draft[name]}
          onChange={(event) => set(name, event.target.value)}
        />
      )}
    </Field>
  );
  return (
    <div className="grid grid-cols-2 items-start gap-x-4 gap-y-3.5 md:grid-cols-4 2xl:grid-cols-8">
      <Field label={t('discover.market')}>
        {(attributes) => (
          <Select
            {...attributes}
            name="market"
            value={draft.market}
            onChange={(event) =>
              setDraft((old) => ({ ...old, market: event.target.value as Market, category: 0 }))
            }
          >
            {Object.entries(MARKETS).map(([code, market]) => (
              <option key={code} value={code}>
                {market.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={t('discover.category')}>
        {(attributes) => (
          <CategoryPicker
            {...attributes}
            market={draft.market}
            value={draft.category}
            onChange={(category) => set('category', category)}
          />
        )}
      </Field>
      {text('bsr_min', t('discover.bsrMin'))}
      {text('bsr_max', t('discover.bsrMax'))}
      {text('price_min', t('discover.priceMin', { currency }))}
      {text('price_max', t('discover.priceMax', { currency }))}
      <Field label={t('discover.condition')}>
        {(attributes) => (
          <Select
            {...attributes}
            name="condition"
            value={draft.condition}
            onChange={(event) => set('condition', event.target.value as Draft['condition'])}
          >
            <option value="">{t('discover.conditionOfStrategy')}</option>
            <option value="new">{t('condition.new')}</option>
            <option value="used">{t('condition.used')}</option>
          </Select>
        )}
      </Field>
      {!withoutStrategy && (
        <Field label={t('discover.strategy')}>
          {(attributes) => (
            <Select
              {...attributes}
              name="strategy"
              value={draft.strategy}
              onChange={(event) => set('strategy', event.target.value as Draft['strategy'])}
            >
              {(['balanced', 'velocity', 'textbook'] as const).map((strategy) => (
                <option key={strategy} value={strategy}>
                  {t(`strategy.${strategy}`)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {text('limit', t('discover.limit'))}
      {!draft.find && text('cost', t('discover.cost', { currency }), t('discover.costHint'))}
      <div className="col-span-2 flex flex-wrap gap-x-6 gap-y-2 self-center md:col-span-2 2xl:col-span-4">
        <SwitchLine
          label={t('discover.noAmazon')}
          checked={draft.no_amazon}
          onCheckedChange={(on) => set('no_amazon', on)}
        />
        {mayFind && (
          <SwitchLine
            label={t('discover.score')}
            checked={!draft.find}
            onCheckedChange={(on) => set('find', !on)}
          />
        )}
      </div>
    </div>
  );
}
