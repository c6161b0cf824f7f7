import type { RuleField } from '@/api/gen/types.gen';
import { useI18n } from '@/i18n';
import { fieldText, GROUPS, groupOf, valueText } from './labels';

type Props = {
  /** Every field, spelled out for each marketplace. */
  fields: readonly RuleField[];
  changes: readonly { path: string; from?: unknown; to?: unknown }[];
};

const LEVELS: readonly string[] = GROUPS.slice(0, 3);

/** What differs between two documents, each value as people say it. */
export function Changes({ fields, changes }: Props) {
  const { t, format } = useI18n();
  return (
    <ul className="num grid gap-1">
      {changes.map(({ path, from, to }) => {
        const field = fields.find((one) => one.path === path);
        const group = groupOf(path);
        return (
          <li key={path} className="break-words">
            <span className="text-muted">
              {LEVELS.includes(group) && `${t(`rules.group.${group}`)} · `}
              {field ? fieldText(field, t) : path}:
            </span>{' '}
            {valueText(field, from, t, format)} → <strong>{valueText(field, to, t, format)}</strong>
          </li>
        );
      })}
    </ul>
  );
}
