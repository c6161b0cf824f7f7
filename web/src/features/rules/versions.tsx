import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  diffRulesOptions,
  listRulesVersionsOptions,
  restoreRulesMutation,
} from '@/api/gen/@tanstack/react-query.gen';
import type { RuleField, Strategy } from '@/api/gen/types.gen';
import { say } from '@/components/say';
import { Badge, Card, CardTitle, Failure, Skeleton } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';
import { Changes } from './changes';

type Props = {
  strategy: Strategy;
  newest: number;
  /** Every field, spelled out for each marketplace. */
  fields: readonly RuleField[];
};

/** Every version of the rules, with what changed; an earlier one can be put in force again. */
export function Versions({ strategy, newest, fields }: Props) {
  const { t, format } = useI18n();
  const [compared, setCompared] = useState<number>();
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
                    kind="ghost"
                    aria-pressed={compared === one.version}
                    onClick={() => setCompared(compared === one.version ? undefined : one.version)}
                  >
                    {t('rules.compare')}
                  </Button>
                )}
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
              <div className="mt-1 text-xs">
                <Changes fields={fields} changes={one.changes} />
              </div>
              {compared === one.version && (
                <Against strategy={strategy} from={one.version} to={newest} fields={fields} />
              )}
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

type AgainstProps = Pick<Props, 'strategy' | 'fields'> & { from: number; to: number };

/** What is different now from a version. */
function Against({ strategy, from, to, fields }: AgainstProps) {
  const { t } = useI18n();
  const diff = useQuery(diffRulesOptions({ path: { strategy }, query: { from, to } }));
  return (
    <div className="mt-2 rounded-xl bg-raised/70 p-3 text-xs" data-testid="rules-diff">
      <p className="mb-1 font-medium">{t('rules.against', { from, to })}</p>
      {diff.isPending ? (
        <Skeleton className="h-8" />
      ) : diff.isError ? (
        <Failure error={diff.error} onRetry={() => diff.refetch()} />
      ) : diff.data.changes.length === 0 ? (
        <p className="text-muted">{t('rules.noDiff')}</p>
      ) : (
        <Changes fields={fields} changes={diff.data.changes} />
      )}
    </div>
  );
}
