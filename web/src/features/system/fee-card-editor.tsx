import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download, Eye, FileUp, RotateCcw, Save } from 'lucide-react';
import { useRef, useState } from 'react';
import { previewFeeCardMutation, saveFeeCardMutation } from '@/api/gen/@tanstack/react-query.gen';
import type { FeeCard } from '@/api/gen/types.gen';
import { say } from '@/components/say';
import { Failure } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Field, Input, TextArea } from '@/components/ui/fields';
import { PreviewResult } from '@/features/rules/preview';
import { useI18n } from '@/i18n';
import { offerFile } from '@/lib/offer-file';

type Props = { card: FeeCard; version: number; onSaved: (id: string) => void };

const spelled = (card: FeeCard) => JSON.stringify(card, null, 2);

/** Reads what was typed; the server checks what it means. */
function parse(text: string): FeeCard | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isCard = typeof value === 'object' && value !== null && typeof (value as FeeCard).id === 'string';
    return isCard ? (value as FeeCard) : undefined;
  } catch {
    return undefined;
  }
}

/** A card as JSON, checked by the server, with what it would change, before it is saved. */
export function FeeCardEditor({ card, version, onSaved }: Props) {
  const { t } = useI18n();
  const client = useQueryClient();
  const file = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(() => spelled(card));
  const [note, setNote] = useState('');
  const check = useMutation({ ...previewFeeCardMutation(), meta: { quiet: true } });
  const save = useMutation({
    ...saveFeeCardMutation(),
    meta: { quiet: true },
    onSuccess: (saved) => {
      say(t('fees.saved', { id: saved.id, version: saved.version }));
      onSaved(saved.id);
      return client.invalidateQueries();
    },
  });
  const typed = parse(text);
  const isNew = typed !== undefined && typed.id !== card.id;
  const change = (next: string) => {
    setText(next);
    check.reset();
    save.reset();
  };
  const submit = () =>
    typed &&
    save.mutate({
      path: { id: typed.id },
      body: { card: typed, based_on: isNew ? 0 : version, ...(note.trim() && { note: note.trim() }) },
    });
  const unchanged = text === spelled(card);
  return (
    <div className="grid gap-4">
      <p className="text-muted">{t('fees.replaceText')}</p>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={() => offerFile(`${card.id}.json`, 'application/json', text)}>
          <Download /> {t('fees.download')}
        </Button>
        <Button size="sm" needs="member" onClick={() => file.current?.click()}>
          <FileUp /> {t('fees.upload')}
        </Button>
        <Button size="sm" kind="ghost" disabled={unchanged} onClick={() => change(spelled(card))}>
          <RotateCcw /> {t('whatIf.reset')}
        </Button>
        <input
          ref={file}
          type="file"
          accept="application/json,.json"
          className="hidden"
          tabIndex={-1}
          aria-hidden
          onChange={async (event) => {
            const [chosen] = event.target.files ?? [];
            if (chosen) change(await chosen.text());
            event.target.value = '';
          }}
        />
      </div>
      <Field
        label={t('fees.json')}
        hint={isNew ? t('fees.isNew', { id: typed.id }) : t('fees.jsonHint', { currency: card.currency })}
        error={typed ? undefined : t('fees.notJson')}
      >
        {(attributes) => (
          <TextArea
            {...attributes}
            name="fee-card"
            rows={18}
            spellCheck={false}
            className="font-mono text-xs"
            value={text}
            onChange={(event) => change(event.target.value)}
          />
        )}
      </Field>
      <Field label={t('rules.why')}>
        {(attributes) => (
          <Input
            {...attributes}
            name="fee-card-note"
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
      {check.isError && <Failure error={check.error} />}
      {save.isError && <Failure error={save.error} />}
      {check.data && <PreviewResult preview={check.data} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button
          needs="member"
          disabled={!typed || unchanged || check.isPending}
          onClick={() => typed && check.mutate({ body: { card: typed, examples: 5 } })}
          data-testid="check-card"
        >
          <Eye /> {t('fees.check')}
        </Button>
        <Button
          kind="primary"
          needs="admin"
          disabled={!typed || unchanged || !check.isSuccess || save.isPending}
          onClick={submit}
          data-testid="save-card"
        >
          <Save /> {t('common.save')}
        </Button>
      </div>
    </div>
  );
}
