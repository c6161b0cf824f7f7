import { type FormEvent, type KeyboardEvent, useState } from 'react';
import type { TriageRequest } from '@/api/gen/types.gen';
import { Key } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, Input, TextArea } from '@/components/ui/fields';
import { useI18n } from '@/i18n';
import { textToMinor } from '@/lib/format';
import type { Asked } from './triage';

/** Why picks are dismissed most, each under a digit; anything else is written. */
const REASONS = ['price', 'amazon', 'competition', 'slow', 'gated', 'unsure'] as const;
const MOST_TEXT = 1000;
const MOST_COPIES = 100_000;

/** What a decision is about. */
export type Subject = { id: string; title: string; currency: string; cost: number | null | undefined };

type Props = {
  action: Asked;
  about: Subject;
  onDecide: (request: TriageRequest) => void;
  onClose: () => void;
};

/** Asks what a decision needs beside a key. */
export function Decide({ action, about, onDecide, onClose }: Props) {
  const { t } = useI18n();
  const done = (request: TriageRequest) => {
    onClose();
    onDecide(request);
  };
  const Form = { bought: Bought, dismiss: Dismiss, note: Note }[action];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(`sourcing.ask.${action}`)}
      description={about.title}
    >
      <Form about={about} onDone={done} />
    </Dialog>
  );
}

type FormProps = { about: Subject; onDone: (request: TriageRequest) => void };

const noteOf = (text: string) => (text.trim() ? { note: text.trim() } : {});

function Bought({ about, onDone }: FormProps) {
  const { t, format } = useI18n();
  const { currency, cost } = about;
  const [quantity, setQuantity] = useState('1');
  const [paid, setPaid] = useState('');
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const copies = /^\d{1,6}$/.test(quantity.trim()) ? Number(quantity) : 0;
  const unit_cost = textToMinor(paid, currency);
  const wrong = {
    quantity:
      copies < 1 || copies > MOST_COPIES
        ? t('sourcing.wrongQuantity', { most: format.number(MOST_COPIES) })
        : undefined,
    paid: unit_cost === null ? t('discover.wrong.amount') : undefined,
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong.quantity || unit_cost === null) return;
    onDone({ action: 'bought', quantity: copies, unit_cost, ...noteOf(note) });
  };
  return (
    <form onSubmit={submit} className="grid gap-4" noValidate>
      <div className="grid grid-cols-2 items-start gap-4">
        <Field label={t('sourcing.quantity')} error={tried ? wrong.quantity : undefined}>
          {(attributes) => (
            <Input
              {...attributes}
              autoFocus
              name="quantity"
              inputMode="numeric"
              value={quantity}
              onChange={(event) => setQuantity(event.target.value)}
            />
          )}
        </Field>
        <Field
          label={t('sourcing.unitCost', { currency })}
          hint={t('sourcing.unitCostHint', { cost: format.money(cost, currency) })}
          error={tried ? wrong.paid : undefined}
        >
          {(attributes) => (
            <Input
              {...attributes}
              name="unit-cost"
              inputMode="decimal"
              value={paid}
              onChange={(event) => setPaid(event.target.value)}
            />
          )}
        </Field>
      </div>
      <NoteField label={t('sourcing.noteOptional')} value={note} onChange={setNote} />
      <Button type="submit" kind="primary" data-testid="decide">
        {t('sourcing.record')}
      </Button>
    </form>
  );
}

function Dismiss({ onDone }: FormProps) {
  const { t } = useI18n();
  const [text, setText] = useState('');
  const dismiss = (reason: string) => onDone({ action: 'dismiss', reason });
  const onKey = (event: KeyboardEvent) => {
    const reason = REASONS[Number(event.key) - 1];
    // A digit of what is being written is a part of it.
    if (!reason || text !== '' || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    dismiss(t(`sourcing.reason.${reason}`));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) dismiss(text.trim());
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are a short way to the buttons inside
    <div onKeyDown={onKey} className="grid gap-4">
      <ul className="grid gap-1.5 sm:grid-cols-2">
        {REASONS.map((reason, index) => (
          <li key={reason}>
            <Button
              autoFocus={index === 0}
              className="w-full justify-start"
              onClick={() => dismiss(t(`sourcing.reason.${reason}`))}
            >
              <Key>{index + 1}</Key> <span className="truncate">{t(`sourcing.reason.${reason}`)}</span>
            </Button>
          </li>
        ))}
      </ul>
      <form onSubmit={submit} className="grid gap-4">
        <Field label={t('sourcing.otherReason')}>
          {(attributes) => (
            <Input
              {...attributes}
              name="reason"
              maxLength={MOST_TEXT}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" kind="primary" disabled={!text.trim()} data-testid="decide">
          {t('sourcing.keys.x')}
        </Button>
      </form>
    </div>
  );
}

function Note({ onDone }: FormProps) {
  const { t } = useI18n();
  const [note, setNote] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (note.trim()) onDone({ action: 'note', note: note.trim() });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <NoteField label={t('niches.note')} value={note} onChange={setNote} first />
      <Button type="submit" kind="primary" disabled={!note.trim()} data-testid="decide">
        {t('common.save')}
      </Button>
    </form>
  );
}

function NoteField(props: {
  label: string;
  value: string;
  onChange: (note: string) => void;
  first?: boolean;
}) {
  return (
    <Field label={props.label}>
      {(attributes) => (
        <TextArea
          {...attributes}
          autoFocus={props.first}
          name="note"
          rows={3}
          maxLength={MOST_TEXT}
          value={props.value}
          onChange={(event) => props.onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
