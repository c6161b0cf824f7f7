import { RotateCcw } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { Field, Input } from '@/components/ui/fields';
import { useI18n } from '@/i18n';
import { textToMinor } from '@/lib/format';

/** Other terms for the same product, as they are typed. */
export type Terms = { cost: string; price: string; date: string };
export const NO_TERMS: Terms = { cost: '', price: '', date: '' };

/** What of the terms makes sense, in the API's words. */
export function readTerms(terms: Terms, currency: string): { cost?: number; price?: number; date?: string } {
  const cost = textToMinor(terms.cost, currency);
  const price = textToMinor(terms.price, currency);
  return {
    ...(cost === null ? {} : { cost }),
    ...(price === null || price === 0 ? {} : { price }),
    ...(/^\d{4}-\d{2}-\d{2}$/.test(terms.date) ? { date: `${terms.date}T12:00:00Z` } : {}),
  };
}

type Props = { terms: Terms; onChange: (terms: Terms) => void; currency: string };

/** What if it cost, sold for, were sold on …: the server reckons, no token is spent. */
export function WhatIf({ terms, onChange, currency }: Props) {
  const { t } = useI18n();
  const wrong = (name: 'cost' | 'price') =>
    terms[name].trim() !== '' && textToMinor(terms[name], currency) === null
      ? t('discover.wrong.amount')
      : undefined;
  return (
    <div className="grid grid-cols-2 items-start gap-3 sm:grid-cols-[1fr_1fr_1fr_auto]" data-testid="what-if">
      <Field label={t('whatIf.cost', { currency })} error={wrong('cost')}>
        {(attributes) => (
          <Input
            {...attributes}
            name="what-if-cost"
            inputMode="decimal"
            value={terms.cost}
            onChange={(event) => onChange({ ...terms, cost: event.target.value })}
          />
        )}
      </Field>
      <Field label={t('whatIf.price', { currency })} error={wrong('price')}>
        {(attributes) => (
          <Input
            {...attributes}
            name="what-if-price"
            inputMode="decimal"
            value={terms.price}
            onChange={(event) => onChange({ ...terms, price: event.target.value })}
          />
        )}
      </Field>
      <Field label={t('whatIf.date')}>
        {(attributes) => (
          <Input
            {...attributes}
            name="what-if-date"
            type="date"
            value={terms.date}
            onChange={(event) => onChange({ ...terms, date: event.target.value })}
          />
        )}
      </Field>
      <Button
        kind="ghost"
        className="self-end"
        disabled={Object.values(terms).every((text) => text === '')}
        onClick={() => onChange(NO_TERMS)}
      >
        <RotateCcw /> {t('whatIf.reset')}
      </Button>
    </div>
  );
}
