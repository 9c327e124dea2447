import {DougongError} from '../../core/errors.ts';
import type {DougongCommand} from '../commander.ts';
import type {Context, GlobalFlags} from '../context.ts';
import {leaf} from '../flags.ts';
import {headings} from '../messages/explain.ts';
import {summaries} from '../messages/summaries.ts';

export function addExplain(program: DougongCommand, ctx: Context): void {
  const {t} = ctx;
  const command = program
    .command('explain')
    .argument('<code-or-text...>')
    .description(t(summaries.explain)) as DougongCommand;
  leaf<GlobalFlags>(command, ctx, "dougong explain 'sub_mch_id与sub_appid不匹配'", async (_flags, ...words) => {
    const said = words.join(' ');
    const {explain} = await import('../../core/explanations.ts');
    const {explanations, who} = await import('../messages/explanations.ts');
    const keys = explain(said);
    if (keys.length === 0) throw new DougongError('refused', 'EXPLAIN_UNKNOWN', {value: said.slice(0, 80)});
    const found = keys.map(key => ({key, ...explanations[key]}));
    const lines = found.map(one =>
      [
        `${t(headings.meaning)}  ${ctx.io.out.bold(t(one.meaning))}`,
        `${t(headings.cause)}  ${t(one.cause)}`,
        `${t(headings.remedy)}  ${t(one.remedy)}`,
        `${t(headings.who)}  ${t(who[one.who])}`,
      ].join('\n'),
    );
    const result = found.map(one => ({
      key: one.key,
      meaning: t(one.meaning),
      cause: t(one.cause),
      remedy: t(one.remedy),
      who: one.who,
    }));
    ctx.io.data({result}, () => lines.join('\n\n'));
  });
}
