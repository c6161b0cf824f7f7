import { Lock } from 'lucide-react';
import { Empty } from '@/components/ui/bits';
import { useI18n } from '@/i18n';

/** In place of a page that one's role does not see. */
export function AdminsOnly() {
  const { t } = useI18n();
  return <Empty icon={<Lock />} title={t('access.adminsOnly')} text={t('access.adminsOnlyText')} />;
}
