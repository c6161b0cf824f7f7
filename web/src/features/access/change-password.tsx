import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { changePasswordMutation } from '@/api/gen/@tanstack/react-query.gen';
import { ErrorText } from '@/components/error-text';
import { say } from '@/components/say';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { useI18n } from '@/i18n';
import { PasswordField } from './fields';

/** A new password for oneself; one's other sessions end. */
export function ChangePassword() {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    ...changePasswordMutation(),
    meta: { quiet: true },
    onSuccess: () => {
      show(false);
      say(t('account.changed'));
    },
  });
  const show = (shown: boolean) => {
    setOpen(shown);
    setCurrent('');
    setNext('');
    change.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ body: { current, new: next } });
  };
  return (
    <>
      <Button className="mt-4" onClick={() => show(true)} data-testid="change-password">
        <KeyRound /> {t('account.change')}
      </Button>
      <Dialog
        open={open}
        onOpenChange={show}
        title={t('account.change')}
        description={t('account.changeText')}
      >
        <form onSubmit={submit} className="grid gap-4">
          <PasswordField
            label={t('account.current')}
            name="current-password"
            autoComplete="current-password"
            value={current}
            onChange={setCurrent}
          />
          <PasswordField
            label={t('account.new')}
            name="new-password"
            hint={t('access.passwordHint')}
            value={next}
            onChange={setNext}
          />
          {change.isError && (
            <div role="alert" className="rounded-xl bg-bad-soft p-3">
              <ErrorText error={change.error} />
            </div>
          )}
          <Button type="submit" kind="primary" disabled={!current || next.length < 8 || change.isPending}>
            {t('common.save')}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
