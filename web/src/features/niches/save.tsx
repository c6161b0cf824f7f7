import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { BookmarkPlus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { createNicheMutation } from '@/api/gen/@tanstack/react-query.gen';
import { say } from '@/components/say';
import { Button, type ButtonSize } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field, Input, TextArea } from '@/components/ui/fields';
import type { DiscoverSearch } from '@/features/discover/search-params';
import { useI18n } from '@/i18n';
import { toSaved } from './convert';
import { forgetNiches } from './keys';

type Props = { search: DiscoverSearch; disabled?: boolean; size?: ButtonSize };

/** Keeps a search under a name. */
export function SaveNiche({ search, disabled, size }: Props) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [note, setNote] = useState('');
  const save = useMutation({
    ...createNicheMutation(),
    onSuccess: (niche) => {
      setOpen(false);
      setName('');
      setNote('');
      forgetNiches(client);
      say(t('niches.saved', { name: niche.name }), {
        label: t('niches.show'),
        run: () => navigate({ to: '/niches', search: { niche: niche.id } }),
      });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The form stands inside another one's place in the page.
    event.stopPropagation();
    if (name.trim()) save.mutate({ body: toSaved(search, name.trim(), note) });
  };
  return (
    <>
      <Button
        needs="member"
        size={size}
        disabled={disabled}
        onClick={() => setOpen(true)}
        data-testid="save-niche"
      >
        <BookmarkPlus /> {t('niches.save')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('niches.save')} description={t('niches.saveText')}>
        <form onSubmit={submit} className="grid gap-4">
          <Field label={t('niches.name')}>
            {(attributes) => (
              <Input
                {...attributes}
                name="niche-name"
                maxLength={200}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label={t('niches.note')}>
            {(attributes) => (
              <TextArea
                {...attributes}
                name="niche-note"
                rows={3}
                value={note}
                onChange={(event) => setNote(event.target.value)}
              />
            )}
          </Field>
          <Button
            type="submit"
            kind="primary"
            disabled={!name.trim() || save.isPending}
            data-testid="save-niche-confirm"
          >
            {t('common.save')}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
