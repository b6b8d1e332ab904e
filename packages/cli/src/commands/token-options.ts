import type { OptionSpec } from './command.ts'

/** The profile of a command. */
export const profileOption: OptionSpec = {
  name: 'profile',
  short: 'p',
  value: 'NAME',
  completes: 'profile',
  text: { en: 'the profile to use (default: the current one)', zh: '使用的配置（默认：当前配置）' },
}

/** The user of a JWT application. */
export const userOption: OptionSpec = {
  name: 'user',
  short: 'u',
  value: 'ID',
  text: {
    en: 'the user whose token a JWT application obtains (default: the service token)',
    zh: 'JWT 应用为该用户获取令牌（默认：服务令牌）',
  },
}

/** The option for output that programs read. */
export const jsonOption: OptionSpec = {
  name: 'json',
  text: { en: 'write the result as one line of JSON', zh: '以一行 JSON 输出结果' },
}

/** The same option for a command that writes no result. */
export const jsonErrorsOption: OptionSpec = {
  name: 'json',
  text: { en: 'write an error as one line of JSON', zh: '以一行 JSON 输出错误' },
}

/** The options of `pds token`, which the start of the program reads without the parser. */
export const tokenOptions: readonly OptionSpec[] = [
  profileOption,
  userOption,
  {
    name: 'show',
    text: { en: 'write the token even to a terminal', zh: '允许在终端显示令牌' },
  },
  jsonOption,
]
