import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { listFeeCardVersionsOptions, restoreFeeCardMutation } from '@/api/gen/@tanstack/react-query.gen';
import type { FeeCardVersion } from '@/api/gen/types.gen';
import { say } from '@/components/say';
import { Badge, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';

/** Changes shown of one version; the rest is counted. */
const MOST = 12;

const text = (value: unknown) =>
  value == null ? '—' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Every version of a card, with what changed; an earlier one, or what ships, can be put in force again. */
export function FeeCardVersions({ id, newest }: { id: string; newest: number }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const versions = useQuery(listFeeCardVersionsOptions({ path: { id } }));
  const restore = useMutation({
    ...restoreFeeCardMutation(),
    onSuccess: (saved) => {
      say(t('fees.saved', { id: saved.id, version: saved.version }));
      return client.invalidateQueries();
    },
  });
  if (versions.isPending) return <Skeleton className="h-40" />;
  if (versions.isError) return <Failure error={versions.error} onRetry={() => versions.refetch()} />;
  return (
    <ol className="grid gap-3">
      {versions.data.map((one) => (
        <Version
          key={one.version}
          one={one}
          newest={newest}
          busy={restore.isPending}
          onRestore={() => restore.mutate({ path: { id }, body: { version: one.version, based_on: newest } })}
        />
      ))}
    </ol>
  );
}

type VersionProps = { one: FeeCardVersion; newest: number; busy: boolean; onRestore: () => void };

function Version({ one, newest, busy, onRestore }: VersionProps) {
  const { t, format } = useI18n();
  const rest = one.changes.length - MOST;
  return (
    <li className="border-b pb-3 last:border-0" data-testid="card-version">
      <div className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{t('rules.version', { version: one.version })}</span>
        {one.version === newest && <Badge tone="good">{t('rules.inForce')}</Badge>}
        {!one.card && <Badge tone="warn">{t('fees.withdrawn')}</Badge>}
        <span className="flex-1" />
        {one.version !== newest && one.card && (
          <Button size="sm" needs="admin" disabled={busy} onClick={onRestore}>
            {t('rules.restore')}
          </Button>
        )}
      </div>
      <p className="text-muted text-xs">
        {[one.created_at ? format.time(one.created_at) : t('rules.shipped'), one.note]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <ul className="num mt-1 grid gap-0.5 text-xs">
        {one.changes.slice(0, MOST).map((change) => (
          <li key={change.path} className="break-words">
            <code>{change.path}</code>: {text(change.from)} → {text(change.to)}
          </li>
        ))}
        {rest > 0 && <li className="text-muted">{t('fees.moreChanges', { number: format.number(rest) })}</li>}
      </ul>
    </li>
  );
}
