import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Eye, RotateCcw, Save } from 'lucide-react';
import { useState } from 'react';
import { previewRulesMutation, saveRulesMutation } from '@/api/gen/@tanstack/react-query.gen';
import type { RuleDocument, RuleField, RulesVersion } from '@/api/gen/types.gen';
import { say } from '@/components/say';
import { Card, Failure } from '@/components/ui/bits';
import { Button } from '@/components/ui/button';
import { Field, Input, Select } from '@/components/ui/fields';
import { useI18n } from '@/i18n';
import { Changes } from './changes';
import { fieldText, GROUPS, groupOf, hintOf, rangeOf } from './labels';
import { type Json, parse, read, shown, spelledOut, write } from './paths';
import { PreviewResult } from './preview';

type Props = { rules: RulesVersion; fields: RuleField[] };

/** The rules as a form, made of what the server says about its fields; what would change is shown before saving. */
export function Editor({ rules, fields }: Props) {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const original = rules.document as unknown as Json;
  const [document, setDocument] = useState<Json>(original);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [note, setNote] = useState('');
  const preview = useMutation({ ...previewRulesMutation(), meta: { quiet: true } });
  const save = useMutation({
    ...saveRulesMutation(),
    meta: { quiet: true },
    onSuccess: (saved) => {
      say(t('rules.saved', { version: saved.version }));
      client.invalidateQueries();
    },
  });
  const all = spelledOut(fields, original);
  const wrong = all.filter(
    (field) => texts[field.path] !== undefined && parse(field, texts[field.path] ?? '') === undefined,
  );
  const changes = all.filter(
    (field) => shown(field, read(document, field.path)) !== shown(field, read(original, field.path)),
  );
  const choose = (field: RuleField, value: Json) => {
    preview.reset();
    setDocument((old) => write(old, field.path, value));
  };
  const type = (field: RuleField, text: string) => {
    setTexts((old) => ({ ...old, [field.path]: text }));
    const value = parse(field, text);
    if (value !== undefined) choose(field, value);
  };
  const reset = () => {
    setDocument(original);
    setTexts({});
    preview.reset();
    save.reset();
  };
  const path = { strategy: rules.strategy };
  const body = document as unknown as RuleDocument;
  const ready = changes.length > 0 && wrong.length === 0;
  const control = (field: RuleField) => {
    const label = fieldText(field, t);
    if (field.path === 'buy_cost.factor' && typeof read(document, 'buy_cost') !== 'object') return null;
    const error = wrong.includes(field) ? t('rules.range', rangeOf(field, format)) : undefined;
    return (
      <Field
        key={field.path}
        label={label}
        hint={hintOf(field, read(document, field.path), t, format)}
        error={error}
      >
        {(attributes) =>
          field.unit === 'choice' ? (
            <Select
              {...attributes}
              name={field.path}
              value={
                field.path === 'buy_cost'
                  ? typeof read(document, 'buy_cost') === 'object'
                    ? 'factor'
                    : 'amazon_lowest'
                  : String(read(document, field.path))
              }
              onChange={(event) =>
                choose(
                  field,
                  field.path === 'buy_cost' && event.target.value === 'factor'
                    ? { factor: 0.4 }
                    : event.target.value,
                )
              }
            >
              {field.choices.map((choice) => (
                <option key={choice} value={choice}>
                  {t(`rules.choice.${choice as 'cap'}`)}
                </option>
              ))}
            </Select>
          ) : (
            <Input
              {...attributes}
              name={field.path}
              inputMode={field.whole ? 'numeric' : 'decimal'}
              placeholder={field.optional ? t('rules.off') : undefined}
              value={texts[field.path] ?? shown(field, read(document, field.path))}
              onChange={(event) => type(field, event.target.value)}
            />
          )
        }
      </Field>
    );
  };
  return (
    <div className="grid gap-5">
      {GROUPS.map((group) => {
        const inside = all.filter((field) => groupOf(field.path) === group);
        if (inside.length === 0) return null;
        return (
          <Card key={group}>
            <h2 className="mb-3 font-semibold text-[15px]">{t(`rules.group.${group}`)}</h2>
            <div className="grid grid-cols-2 items-start gap-x-4 gap-y-3 md:grid-cols-3">
              {inside.map(control)}
            </div>
          </Card>
        );
      })}
      {changes.length > 0 && (
        <Card data-testid="diff">
          <h2 className="mb-2 font-semibold text-[15px]">{t('rules.diff')}</h2>
          <Changes
            fields={all}
            changes={changes.map(({ path }) => ({
              path,
              from: read(original, path),
              to: read(document, path),
            }))}
          />
        </Card>
      )}
      {preview.data && <PreviewResult preview={preview.data} />}
      {preview.isError && <Failure error={preview.error} />}
      {save.isError && <Failure error={save.error} />}
      <div className="sticky bottom-3 z-10 flex flex-wrap items-center gap-3 rounded-2xl border bg-panel p-3.5 shadow-lg">
        <p className="num text-muted" data-testid="changes">
          {t('rules.changes', { count: changes.length, number: format.number(changes.length) })}
        </p>
        <Input
          className="min-w-40 flex-1 basis-56"
          name="rules-note"
          aria-label={t('rules.why')}
          placeholder={t('rules.why')}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        <Button kind="ghost" disabled={changes.length === 0 && wrong.length === 0} onClick={reset}>
          <RotateCcw /> {t('whatIf.reset')}
        </Button>
        <Button
          needs="member"
          disabled={!ready || preview.isPending}
          onClick={() => preview.mutate({ path, body: { document: body, examples: 5 } })}
          data-testid="preview"
        >
          <Eye /> {t('rules.preview')}
        </Button>
        <Button
          kind="primary"
          needs="admin"
          disabled={!ready || save.isPending || !preview.isSuccess}
          onClick={() =>
            save.mutate({
              path,
              body: { document: body, based_on: rules.version, ...(note.trim() && { note: note.trim() }) },
            })
          }
          data-testid="save-rules"
        >
          <Save /> {t('common.save')}
        </Button>
      </div>
    </div>
  );
}
