/** The packages that are not published to JSR, with the reason. */
export const leftOut: Readonly<Record<string, string>> = {
  '@pds/cli': 'it is a command and exports no module',
  '@pds/react': 'JSR has no peer dependencies, and a second copy of React does not work',
}
