import { Command, Option } from 'commander'
import type { CommandSpec, CommandValues, OptionSpec } from '../commands/command.ts'
import { commandTable } from '../commands/command-table.ts'
import type { Output } from '../output/output.ts'
import type { Text } from '../output/text.ts'

const headings: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Options:': '选项：',
  'Commands:': '命令：',
}

/** Creates the parser of the command line. `run` is called with the values of a command. */
export function createProgram(
  output: Output,
  version: string,
  run: (spec: CommandSpec, values: CommandValues) => Promise<void>,
): Command {
  const say = (text: Text) => output.localize(text)
  const helpText = say({ en: 'show this help', zh: '显示帮助' })
  const program = new Command('pds')
    .description(
      say({
        en: 'Sign in to Alibaba Cloud Drive and Photo Service (PDS), and use its access tokens in scripts.',
        zh: '登录阿里云网盘与相册服务（PDS），并在脚本中使用访问令牌。',
      }),
    )
    .version(version, '-v, --version', say({ en: 'show the version', zh: '显示版本' }))
    // The options after the command of `pds run` belong to that command.
    .enablePositionalOptions()
    .helpCommand('help [command]', say({ en: 'show the help of a command', zh: '显示命令的帮助' }))
    .addHelpText('after', `\n${say({ en: 'Exit codes:', zh: '退出码：' })}\n${describeExitCodes(output)}`)
  for (const spec of commandTable) addCommand(program, spec, output, run)
  for (const command of [program, ...program.commands]) {
    command
      .helpOption('-h, --help', helpText)
      .exitOverride()
      .configureOutput({ writeErr: () => undefined, outputError: () => undefined })
      .configureHelp({
        styleTitle: (title) => (output.language === 'zh' ? (headings[title] ?? title) : title),
        subcommandDescription: (each) => each.summary() || each.description(),
        visibleGlobalOptions: () => [],
      })
  }
  return program
}

function addCommand(
  program: Command,
  spec: CommandSpec,
  output: Output,
  run: (spec: CommandSpec, values: CommandValues) => Promise<void>,
): void {
  const say = (text: Text) => output.localize(text)
  const command = program.command(spec.name).description(say(spec.text))
  for (const { name, isOptional = false, isRest = false, text } of spec.arguments ?? []) {
    const inner = isRest ? `${name}...` : name
    command.argument(isOptional ? `[${inner}]` : `<${inner}>`, say(text)).passThroughOptions(isRest)
  }
  for (const option of spec.options ?? []) command.addOption(createOption(option, output))
  const examples = spec.examples.map(({ command: line, text }) => `  ${line}\n      ${say(text)}`)
  command.addHelpText('after', `\n${say({ en: 'Examples:', zh: '示例：' })}\n${examples.join('\n')}`)
  command.action(async (...given: unknown[]) => {
    const names = (spec.arguments ?? []).map(({ name }) => name)
    const values = Object.fromEntries(names.map((name, index) => [name, given[index]]))
    await run(spec, { ...(given[names.length] as CommandValues), ...values } as CommandValues)
  })
}

function createOption({ name, short, value, completes, text }: OptionSpec, output: Output): Option {
  const flags = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` <${value}>`}`
  const option = new Option(flags, output.localize(text))
  if (Array.isArray(completes)) option.choices(completes)
  return option
}

function describeExitCodes({ language }: Output): string {
  const codes: readonly [number, Text][] = [
    [0, { en: 'success', zh: '成功' }],
    [1, { en: 'the command failed', zh: '命令失败' }],
    [2, { en: 'wrong arguments', zh: '参数错误' }],
    [3, { en: 'a login is required', zh: '需要登录' }],
  ]
  return codes.map(([code, text]) => `  ${code}  ${text[language]}`).join('\n')
}
