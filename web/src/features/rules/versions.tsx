import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { listRulesVersionsOptions, restoreRulesMutation } from '@/api/gen/@tanstack/react-query.gen';
import type { Strategy } from '@/api/gen/types.gen';
import { say } from '@/components/say';
import { Badge, Card, CardTitle, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';

const text = (value: unknown) =>
  value == null ? '—' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Every version of the rules, with what changed; an earlier one can be put in force again. */
export function Versions({ strategy, newest }: { strategy: Strategy; newest: number }) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const versions = useQuery(listRulesVersionsOptions({ path: { strategy } }));
  const restore = useMutation({
    ...restoreRulesMutation(),
    onSuccess: (saved) => {
      say(t('rules.saved', { version: saved.version }));
      client.invalidateQueries();
    },
  });
  return (
    <Card>
      <CardTitle>{t('rules.versions')}</CardTitle>
      {versions.isPending ? (
        <Skeleton className="h-40" />
      ) : versions.isError ? (
        <Failure error={versions.error} onRetry={() => versions.refetch()} />
      ) : (
        <ol className="grid gap-3">
          {versions.data.map((one) => (
            <li key={one.version} className="border-b pb-3 last:border-0 last:pb-0">
              <div className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{t('rules.version', { version: one.version })}</span>
                {one.version === newest && <Badge tone="good">{t('rules.inForce')}</Badge>}
                <span className="flex-1" />
                {one.version !== newest && (
                  <Button
                    size="sm"
                    needs="admin"
                    disabled={restore.isPending}
                    onClick={() =>
                      restore.mutate({ path: { strategy }, body: { version: one.version, based_on: newest } })
                    }
                  >
                    {t('rules.restore')}
                  </Button>
                )}
              </div>
              <p className="text-muted text-xs">
                {[one.created_at ? format.time(one.created_at) : t('rules.shipped'), one.author, one.note]
                  .filter(Boolean)
                  .join(' · ')}
              </p>
              <ul className="num mt-1 grid gap-0.5 text-xs">
                {one.changes.map((change) => (
                  <li key={change.path} className="break-words">
                    <code>{change.path}</code>: {text(change.from)} → {text(change.to)}
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
