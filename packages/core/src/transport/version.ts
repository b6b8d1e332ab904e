/** The version of this package, as in its manifest: `pnpm version-packages` writes it here. */
export const version = '0.0.0'
