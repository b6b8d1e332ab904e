import type { CommanderError } from 'commander'
import { type CliError, usageError } from '../output/cli-error.ts'
import type { Text } from '../output/text.ts'

/** Explains an error of the parser in both languages. `args` are the arguments of `pds`. */
export function explainUsage(error: CommanderError, [command, ...names]: readonly string[]): CliError {
  // The parser shows the help of `pds` then, as it does without a command.
  const unknown =
    error.code === 'commander.help' && command === 'help' && names.find((each) => !each.startsWith('-'))
  const { code, message } = unknown
    ? { code: 'commander.unknownCommand', message: `unknown command '${unknown}'` }
    : error
  const [, name = ''] = /'([^']+)'/.exec(message) ?? []
  const [, choices] = /Allowed choices are (.+)\./.exec(message) ?? []
  const [, suggestion] = /Did you mean ([^?]+)\?/.exec(message) ?? []
  const known = texts[code]?.(name)
  const plain = message.replace(/^error: /, '')
  const en = (known?.en ?? plain) + (choices ? ` Use one of: ${choices}.` : '')
  const zh = (known?.zh ?? plain) + (choices ? `可用的值：${choices.replaceAll(', ', '、')}。` : '')
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
