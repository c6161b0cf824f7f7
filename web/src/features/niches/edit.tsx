import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { editNicheMutation } from '@/api/gen/@tanstack/react-query.gen';
import type { Niche } from '@/api/gen/types.gen';
import { ErrorText } from '@/components/error-text';
import { say } from '@/components/say';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, Input, TextArea } from '@/components/ui/fields';
import { readDraft, toDraft } from '@/features/discover/draft';
import { FilterFields } from '@/features/discover/filter-fields';
import { useI18n } from '@/i18n';
import { toSaved, toSearch } from './convert';
import { forgetNiches } from './keys';

/** Changes a niche; when somebody else changed it meanwhile, that is said and nothing is overwritten. */
export function EditNiche({ niche, onClose }: { niche: Niche; onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const [name, setName] = useState(niche.name);
  const [note, setNote] = useState(niche.note ?? '');
  const [draft, setDraft] = useState(() => toDraft(toSearch(niche)));
  const { search, wrong } = readDraft(draft);
  const save = useMutation({
    ...editNicheMutation(),
    meta: { quiet: true },
    onSuccess: () => {
      forgetNiches(client);
      say(t('niches.changed', { name }));
      onClose();
    },
  });
  const isRight = Object.keys(wrong).length === 0 && name.trim() !== '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isRight) {
      save.mutate({
        path: { id: niche.id },
        body: { based_on: niche.version, niche: toSaved(search, name.trim(), note) },
      });
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('niches.edit')}
      className="w-[min(48rem,calc(100vw-1.5rem))]"
    >
      <form onSubmit={submit} className="grid gap-4">
        <Field label={t('niches.name')}>
          {(attributes) => (
            <Input
              {...attributes}
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <FilterFields draft={draft} setDraft={setDraft} wrong={wrong} />
        <Field label={t('niches.note')}>
          {(attributes) => (
            <TextArea
              {...attributes}
              rows={3}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
        {save.isError && (
          <div role="alert" className="rounded-xl bg-bad-soft p-3">
            <ErrorText error={save.error} />
          </div>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" kind="primary" disabled={!isRight || save.isPending}>
            {t('common.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
