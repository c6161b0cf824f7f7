import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import {
  changeChannelMutation,
  createChannelMutation,
  listChannelsQueryKey,
} from '@/api/gen/@tanstack/react-query.gen';
import type { Channel, ChannelDraftWritable, ChannelKind } from '@/api/gen/types.gen';
import { say } from '@/components/say';
import { Failure } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Checkbox, Field, Input, Select, SwitchLine } from '@/components/ui/fields';
import { useI18n } from '@/i18n';
import { localZone } from '@/lib/zone';
import { draftOf, eventsOf, FAMILIES, FAMILY_NAMES, kindsOf, type NewsKind } from './channel-draft';

const KINDS = ['webhook', 'email', 'ntfy'] as const satisfies readonly ChannelKind[];

type Props = {
  /** The one to change; a new one when absent. */
  channel: Channel | undefined;
  /** Told the secret of a new webhook, which is shown once. */
  onSecret: (secret: string) => void;
  onClose: () => void;
};

/** A channel as a form. What is wrong with it the server says. */
export function ChannelEditor({ channel, onSecret, onClose }: Props) {
  const { t } = useI18n();
  const client = useQueryClient();
  const [draft, setDraft] = useState<ChannelDraftWritable>(() =>
    channel ? draftOf(channel) : { name: '', kind: 'webhook', target: '', time_zone: localZone() },
  );
  const [some, setSome] = useState((channel?.events ?? []).length > 0);
  const [limit, setLimit] = useState(String(channel?.daily_limit ?? ''));
  const set = (part: Partial<ChannelDraftWritable>) => setDraft((old) => ({ ...old, ...part }));
  const done = (saved: Channel) => {
    onClose();
    say(t('channels.saved', { name: saved.name }));
    if (saved.secret) onSecret(saved.secret);
    return client.invalidateQueries({ queryKey: listChannelsQueryKey() });
  };
  const create = useMutation({ ...createChannelMutation(), meta: { quiet: true }, onSuccess: done });
  const change = useMutation({ ...changeChannelMutation(), meta: { quiet: true }, onSuccess: done });
  const error = create.error ?? change.error;
  const busy = create.isPending || change.isPending;
  const kinds = kindsOf(draft.events ?? []);
  const wrongLimit = limit.trim() !== '' && !/^[1-9]\d{0,8}$/.test(limit.trim());
  const zoned = draft.digest_at != null || draft.quiet_from != null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body: ChannelDraftWritable = {
      ...draft,
      events: some ? (draft.events ?? []) : [],
      daily_limit: limit.trim() === '' ? null : Number(limit),
    };
    if (channel) change.mutate({ path: { id: channel.id }, body });
    else create.mutate({ body });
  };
  return (
    <Dialog open onOpenChange={onClose} title={t(channel ? 'channels.edit' : 'channels.add')}>
      <form onSubmit={submit} className="grid gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t('channels.name')}>
            {(attributes) => (
              <Input
                {...attributes}
                name="channel-name"
                maxLength={100}
                value={draft.name}
                onChange={(event) => set({ name: event.target.value })}
              />
            )}
          </Field>
          <Field label={t('channels.through')}>
            {(attributes) => (
              <Select
                {...attributes}
                name="channel-kind"
                disabled={channel !== undefined}
                value={draft.kind}
                onChange={(event) => set({ kind: event.target.value as ChannelKind })}
              >
                {KINDS.map((kind) => (
                  <option key={kind} value={kind}>
                    {t(`channels.kind.${kind}`)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Field label={t(`channels.target.${draft.kind}`)} hint={t(`channels.targetHint.${draft.kind}`)}>
          {(attributes) => (
            <Input
              {...attributes}
              name="channel-target"
              inputMode={draft.kind === 'email' ? 'email' : 'url'}
              spellCheck={false}
              value={draft.target}
              onChange={(event) => set({ target: event.target.value })}
            />
          )}
        </Field>
        {draft.kind === 'ntfy' && (
          <Field
            label={t('channels.token')}
            hint={t(channel ? 'channels.tokenKeptHint' : 'channels.tokenHint')}
          >
            {(attributes) => (
              <Input
                {...attributes}
                name="channel-token"
                type="password"
                autoComplete="off"
                value={draft.token ?? ''}
                onChange={(event) => set({ token: event.target.value || null })}
              />
            )}
          </Field>
        )}
        <Field label={t('channels.what')}>
          {(attributes) => (
            <Select
              {...attributes}
              name="channel-what"
              value={some ? 'some' : 'all'}
              onChange={(event) => setSome(event.target.value === 'some')}
            >
              <option value="all">{t('channels.everything')}</option>
              <option value="some">{t('channels.some')}</option>
            </Select>
          )}
        </Field>
        {some && <News kinds={kinds} onChange={(next) => set({ events: eventsOf(next) })} />}
        <div className="grid gap-3 rounded-xl border p-3.5">
          <div className="flex min-h-9 flex-wrap items-center gap-3">
            <SwitchLine
              label={t('channels.digest')}
              checked={draft.digest_at != null}
              onCheckedChange={(on) => set({ digest_at: on ? '20:00' : null })}
            />
            {draft.digest_at != null && (
              <Clock
                label={t('channels.digest')}
                value={draft.digest_at}
                onChange={(digest_at) => set({ digest_at })}
              />
            )}
          </div>
          <div className="flex min-h-9 flex-wrap items-center gap-3">
            <SwitchLine
              label={t('channels.quiet')}
              checked={draft.quiet_from != null}
              onCheckedChange={(on) =>
                set(
                  on
                    ? { quiet_from: '22:00', quiet_until: '07:00' }
                    : { quiet_from: null, quiet_until: null },
                )
              }
            />
            {draft.quiet_from != null && (
              <span className="flex items-center gap-2">
                <Clock
                  label={t('channels.quietFrom')}
                  value={draft.quiet_from}
                  onChange={(quiet_from) => set({ quiet_from })}
                />
                –
                <Clock
                  label={t('channels.quietUntil')}
                  value={draft.quiet_until ?? ''}
                  onChange={(quiet_until) => set({ quiet_until })}
                />
              </span>
            )}
          </div>
          <div className="grid gap-3 sm:grid-cols-2">
            <Field
              label={t('channels.limit')}
              hint={t('channels.limitHint')}
              error={wrongLimit ? t('channels.wrongLimit') : undefined}
            >
              {(attributes) => (
                <Input
                  {...attributes}
                  name="channel-limit"
                  inputMode="numeric"
                  value={limit}
                  onChange={(event) => setLimit(event.target.value)}
                />
              )}
            </Field>
            {(zoned || limit.trim() !== '') && (
              <Field label={t('sourcing.schedule.zone')}>
                {(attributes) => (
                  <Input
                    {...attributes}
                    name="channel-zone"
                    value={draft.time_zone ?? 'UTC'}
                    onChange={(event) => set({ time_zone: event.target.value })}
                  />
                )}
              </Field>
            )}
          </div>
        </div>
        {error && <Failure error={error} />}
        <Button
          type="submit"
          kind="primary"
          disabled={
            !draft.name.trim() || !draft.target.trim() || wrongLimit || (some && kinds.length === 0) || busy
          }
          data-testid="save-channel"
        >
          {t(channel ? 'common.save' : 'channels.add')}
        </Button>
      </form>
    </Dialog>
  );
}

/** A time of the day. */
function Clock({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (time: string) => void;
}) {
  return (
    <Input
      type="time"
      className="w-34"
      aria-label={label}
      required
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** Which news, family by family. */
function News({ kinds, onChange }: { kinds: NewsKind[]; onChange: (kinds: NewsKind[]) => void }) {
  const { t } = useI18n();
  const id = useId();
  const toggle = (which: readonly NewsKind[], on: boolean) =>
    onChange(on ? [...new Set([...kinds, ...which])] : kinds.filter((kind) => !which.includes(kind)));
  const box = (key: string, which: readonly NewsKind[], label: string) => {
    const chosen = which.filter((kind) => kinds.includes(kind)).length;
    return (
      <span className="flex items-center gap-2.5">
        <Checkbox
          id={`${id}-${key}`}
          checked={chosen === which.length ? true : chosen > 0 ? 'indeterminate' : false}
          onCheckedChange={(on) => toggle(which, on === true)}
        />
        <label
          htmlFor={`${id}-${key}`}
          className="inline-block cursor-pointer select-none first-letter:uppercase"
        >
          {label}
        </label>
      </span>
    );
  };
  return (
    <ul className="grid gap-3 rounded-xl border p-3.5" aria-label={t('channels.what')}>
      {FAMILY_NAMES.map((family) => (
        <li key={family} className="grid gap-1.5">
          <span className="font-medium">{box(family, FAMILIES[family], t(`channels.family.${family}`))}</span>
          {FAMILIES[family].length > 1 && (
            <ul className="grid gap-1.5 pl-7 sm:grid-cols-2">
              {FAMILIES[family].map((kind) => (
                <li key={kind}>
                  {box(kind, [kind], t(`channels.news.${kind.replace('.', '_') as 'run_done'}`))}
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}
