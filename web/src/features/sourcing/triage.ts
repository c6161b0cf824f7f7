import { useMutation, useQueryClient } from '@tanstack/react-query';
import { triageSourcingPickMutation, undoSourcingTriageMutation } from '@/api/gen/@tanstack/react-query.gen';
import type { TriageAction, TriageRequest } from '@/api/gen/types.gen';
import { say } from '@/components/say';
import { useI18n } from '@/i18n';
import { forgetSourcing } from './keys';

/** Decisions are sent one after the other, as they were made: an undo never overtakes what it undoes. */
const IN_ORDER = { id: 'triage' };

/** Decisions that need more than a key: what was paid, why, what to remember. */
export type Asked = Extract<TriageAction, 'bought' | 'dismiss' | 'note'>;
export const asks = (action: TriageAction): action is Asked =>
  action === 'bought' || action === 'dismiss' || action === 'note';

type Options = {
  /** The decision was not taken after all. */
  onBack?: (id: string) => void;
};

/** Deciding on picks, and taking it back. */
export function useTriage({ onBack }: Options = {}) {
  const { t } = useI18n();
  const client = useQueryClient();
  const undo = useMutation({
    ...undoSourcingTriageMutation(),
    scope: IN_ORDER,
    onSuccess: (pick) => {
      onBack?.(pick.id);
      return forgetSourcing(client);
    },
  });
  const triage = useMutation({
    ...triageSourcingPickMutation(),
    scope: IN_ORDER,
    onSuccess: (pick, { body }) => {
      const { id } = pick;
      const title = pick.figures.title ?? pick.asin;
      const text =
        body.action === 'note' ? t('sourcing.noted', { title }) : t(`sourcing.did.${pick.state}`, { title });
      say(text, { label: t('sourcing.undo'), run: () => undo.mutate({ path: { pick: id } }) });
      return forgetSourcing(client);
    },
    onError: (_, { path }) => onBack?.(path.pick),
  });
  return {
    decide: (id: string, body: TriageRequest) => triage.mutate({ path: { pick: id }, body }),
    undo: (id: string) => undo.mutate({ path: { pick: id } }),
  };
}
