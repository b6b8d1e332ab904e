/** The exit codes of `pds`. `pds run` exits with the code of its command. */
export const exitCode: {
  ok: 0
  failed: 1
  usage: 2
  loginRequired: 3
  notExecutable: 126
  notFound: 127
  interrupted: 130
} = {
  ok: 0,
  failed: 1,
  usage: 2,
  loginRequired: 3,
  // Of `pds run`, as of shells: the command cannot be started, or does not exist.
  notExecutable: 126,
  notFound: 127,
  // As shells do after Ctrl-C: 128 + SIGINT.
  interrupted: 130,
}

/** An exit code of `pds`. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode]
