import { Check, Copy } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/fields';
import { useI18n } from '@/i18n';

type Props = { label: string; secret: string; onClose: () => void; children: ReactNode };

/** A secret, shown this once, with how it is used. */
export function Secret({ label, secret, onClose, children }: Props) {
  const { t } = useI18n();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    setCopied(true);
  };
  return (
    <div className="grid gap-4">
      <Input
        readOnly
        aria-label={label}
        className="font-mono text-[13px]"
        value={secret}
        onFocus={(event) => event.target.select()}
        data-testid="secret"
      />
      {children}
      <div className="flex justify-end gap-2">
        {/* A page that is not served over TLS has no clipboard: the text is selected instead. */}
        {navigator.clipboard && (
          <Button onClick={copy}>
            {copied ? <Check /> : <Copy />} {t(copied ? 'secret.copied' : 'secret.copy')}
          </Button>
        )}
        <Button kind="primary" onClick={onClose}>
          {t('secret.kept')}
        </Button>
      </div>
    </div>
  );
}
