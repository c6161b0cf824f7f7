import { Button } from '@/components/ui/button';
import { useI18n } from '@/i18n';
import { Door } from './door';

/** Seen through a proxy while there are no accounts: what to do, and where. */
export default function NoAccounts({ onRetry }: { onRetry: () => void }) {
  const { t } = useI18n();
  return (
    <Door title={t('noAccounts.title')} text={t('noAccounts.text')} onSubmit={onRetry}>
      <ol className="grid list-decimal gap-3 pl-5">
        <li>
          {t('noAccounts.command')}
          <Command text={`gleaner users add ${t('noAccounts.name')}`} />
        </li>
        <li>
          {t('noAccounts.address')}
          <Command text={`public_url = "${location.origin}"`} />
        </li>
      </ol>
      <Button type="submit" kind="primary">
        {t('common.retry')}
      </Button>
    </Door>
  );
}

function Command({ text }: { text: string }) {
  return (
    <pre className="mt-1.5 whitespace-pre-wrap break-all rounded-lg bg-raised p-2.5 text-xs">{text}</pre>
  );
}
