import type { CommanderError } from 'commander'
import { type CliError, usageError } from '../output/cli-error.ts'
import type { Text } from '../output/text.ts'

/** Explains an error of the parser in both languages. */
export function explainUsage({ code, message }: CommanderError): CliError {
  const [, name = ''] = /'([^']+)'/.exec(message) ?? []
  const [, suggestion] = /Did you mean ([^?]+)\?/.exec(message) ?? []
  const known = texts[code]?.(name)
  const en = known?.en ?? message.replace(/^error: /, '')
  const zh = known?.zh ?? en
  return usageError({
    en: `${en}${suggestion ? ` Did you mean ${suggestion}?` : ''} Run: pds --help`,
    zh: `${zh}${suggestion ? `您是否想输入 ${suggestion}？` : ''}请运行：pds --help`,
  })
}

const texts: Readonly<Record<string, (name: string) => Text>> = {
  'commander.unknownOption': (name) => ({ en: `There is no option ${name}.`, zh: `没有选项 ${name}。` }),
  'commander.unknownCommand': (name) => ({ en: `There is no command ${name}.`, zh: `没有命令 ${name}。` }),
  'commander.missingArgument': (name) => ({
    en: `The argument ${name} is missing.`,
    zh: `缺少参数 ${name}。`,
  }),
  'commander.optionMissingArgument': (name) => ({
    en: `The option ${name} needs a value.`,
    zh: `选项 ${name} 需要一个值。`,
  }),
  'commander.invalidArgument': (name) => ({
    en: `The value of ${name} is invalid.`,
    zh: `${name} 的值无效。`,
  }),
  'commander.excessArguments': () => ({ en: 'There are too many arguments.', zh: '参数过多。' }),
  'commander.help': () => ({ en: 'A command is missing.', zh: '缺少命令。' }),
}
