import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { useI18n } from '@/i18n';

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  text: ReactNode;
  action: ReactNode;
  busy?: boolean;
  onConfirm: () => void;
};

/** Asks before something that cannot be taken back. */
export function Confirm({ open, onOpenChange, title, text, action, busy, onConfirm }: Props) {
  const { t } = useI18n();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} description={text}>
      <div className="flex justify-end gap-2">
        <Button onClick={() => onOpenChange(false)}>{t('common.cancel')}</Button>
        <Button kind="danger" disabled={busy} onClick={onConfirm} data-testid="confirm">
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
